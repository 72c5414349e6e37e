const collator = new Intl.Collator('en', { numeric: true });

/**
 * Orders names of APIs as formatters order imports of files of these names: `orders`, `orders-2`, `orders-10`, `orders2`. For
 * `sort`, in every file that lists all APIs.
 */
export const byName = (first: string, second: string): number => collator.compare(first, second) || first.length - second.length;
