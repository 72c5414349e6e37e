"""Random Pydantic models in an app, and what it says of values that fit them and of values that don't.

`python random_models.py SEED COUNT` prints `{document, cases}`; each case has the operation, bodies that
were taken with their answers, and bodies that were refused for their shape.
"""

import copy
import enum
import json
import random
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, make_dataclass
from dataclasses import field as dataclass_field
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, NamedTuple, NotRequired, Optional, Union
from uuid import UUID

from app.document import describe
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import BaseModel, ConfigDict, Field, computed_field, create_model
from typing_extensions import TypedDict

LEFT_OUT = object()
# A text that is no date is a text to a compiler, and a number with a fraction is a number.
VALUE_ERRORS = re.compile(r"^(date|datetime|time|uuid|decimal|bytes)_|_from_|^finite|^value_error")
WRONG = [None, True, 12345, 0.5, "text", {"zz": 1}, [[]], [], {}]


@dataclass
class Kind:
    """A type, and how to make JSON that fits it."""

    annotation: Any
    sample: Callable[[], Any]
    hashable: bool = False


class Maker:
    """Makes types from one source of chance."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.seed = seed
        self.count = 0

    def name(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}{self.seed}x{self.count}"

    def scalar(self) -> Kind:
        pick = self.random
        words = ["a", "é 漢", 'quote " and \\ ', "*/", "x-y", "Z"]
        return pick.choice(
            [
                lambda: Kind(int, lambda: pick.randint(-9, 9), True),
                lambda: Kind(float, lambda: pick.choice([0.5, 2, -1e20])),
                lambda: Kind(str, lambda: pick.choice(words), True),
                lambda: Kind(bool, lambda: pick.random() < 0.5),
                lambda: Kind(date, lambda: "2026-11-27"),
                lambda: Kind(datetime, lambda: "2026-11-27T10:00:00Z"),
                lambda: Kind(UUID, lambda: "0b5e8a4e-2f9a-4f0e-9d7c-1a2b3c4d5e6f", True),
                lambda: Kind(Decimal, lambda: pick.choice(["1.50", 2, 0.25])),
                lambda: Kind(bytes, lambda: "bytes"),
                lambda: Kind(Any, lambda: pick.choice([None, 1, {"k": []}])),
                self.literal,
                self.enum,
            ]
        )()

    def literal(self) -> Kind:
        values = self.random.sample(["a", "b c", "it's", 1, 2, True, None], self.random.randint(1, 3))
        return Kind(Literal[tuple(values)], lambda: self.random.choice(values))

    def enum(self) -> Kind:
        if self.random.random() < 0.5:
            made: Any = enum.StrEnum(self.name("Word"), {"A": "a", "B": "b-b"})
            return Kind(made, lambda: self.random.choice(["a", "b-b"]), True)
        made = enum.IntEnum(self.name("Number"), {"A": 1, "B": 2})
        return Kind(made, lambda: self.random.choice([1, 2]))

    def a_type(self, depth: int) -> Kind:
        if depth <= 0 or self.random.random() < 0.4:
            return self.scalar()
        return self.random.choice(
            [
                *(self.a_list, self.dictionary, self.optional, self.union, self.a_tuple, self.model),
                *(self.discriminated, self.named_tuple, self.typed_dict, self.dataclass, self.tree),
            ]
        )(depth - 1)

    def a_list(self, depth: int) -> Kind:
        inner = self.a_type(depth)
        if inner.hashable and self.random.random() < 0.3:
            return Kind(set[inner.annotation], lambda: [inner.sample()])
        return Kind(list[inner.annotation], lambda: [inner.sample() for _ in range(self.random.randint(0, 2))])

    def dictionary(self, depth: int) -> Kind:
        inner = self.a_type(depth)
        if self.random.random() < 0.3:
            keys: Any = enum.StrEnum(self.name("Key"), {"A": "a", "B": "b b"})
            return Kind(dict[keys, inner.annotation], lambda: {"b b": inner.sample()})
        return Kind(
            dict[str, inner.annotation],
            lambda: {key: inner.sample() for key in self.random.sample(["a", "b c", "1"], 2)},
        )

    def optional(self, depth: int) -> Kind:
        inner = self.a_type(depth)
        return Kind(Optional[inner.annotation], lambda: self.random.choice([None, inner.sample()]))

    def union(self, depth: int) -> Kind:
        inner = [self.a_type(depth) for _ in range(self.random.randint(2, 3))]
        return Kind(
            Union[tuple(one.annotation for one in inner)], lambda: self.random.choice(inner).sample()
        )

    def a_tuple(self, depth: int) -> Kind:
        if self.random.random() < 0.3:
            inner = self.a_type(depth)
            return Kind(tuple[inner.annotation, ...], lambda: [inner.sample(), inner.sample()])
        several = [self.a_type(depth) for _ in range(self.random.randint(1, 3))]
        return Kind(
            tuple[tuple(one.annotation for one in several)], lambda: [one.sample() for one in several]
        )

    def named_tuple(self, depth: int) -> Kind:
        first, second = self.a_type(depth), self.a_type(0)
        made = NamedTuple(self.name("Named"), [("first", first.annotation), ("second", second.annotation)])
        return Kind(made, lambda: [first.sample(), second.sample()])

    def typed_dict(self, depth: int) -> Kind:
        first, second = self.a_type(depth), self.a_type(depth)
        made = TypedDict(  # type: ignore[operator]
            self.name("Typed"), {"first": first.annotation, "second": NotRequired[second.annotation]}
        )
        return Kind(
            made,
            lambda: {"first": first.sample()}
            | ({"second": second.sample()} if self.random.random() < 0.5 else {}),
        )

    def dataclass(self, depth: int) -> Kind:
        first = self.a_type(depth)
        made = make_dataclass(
            self.name("Data"),
            [("first", first.annotation), ("second", int, dataclass_field(default=3))],
        )
        return Kind(made, lambda: {"first": first.sample()} | self.random.choice([{}, {"second": 4}]))

    def tree(self, depth: int) -> Kind:
        inner = self.a_type(depth)
        name = self.name("Tree")
        made = create_model(name, value=(inner.annotation, ...), children=(list[name], []))
        made.model_rebuild(_types_namespace={name: made})

        def sample(levels: int = 2) -> Any:
            value: dict[str, Any] = {"value": inner.sample()}
            if levels > 0:
                value["children"] = [sample(levels - 1) for _ in range(self.random.randint(0, 2))]
            return value

        return Kind(made, sample)

    def discriminated(self, depth: int) -> Kind:
        tags = [("cat", "cat"), (Literal["dog", "hound"], "hound"), ("bird", "bird")]
        members = []
        for tag, value in self.random.sample(tags, self.random.randint(2, 3)):
            literal: Any = Literal[tag] if isinstance(tag, str) else tag
            default = ... if self.random.random() < 0.5 else value
            members.append(self.model(depth, kind=(literal, default, value)))
        union: Any = Union[tuple(one.annotation for one in members)]
        return Kind(
            Annotated[union, Field(discriminator="kind")], lambda: self.random.choice(members).sample()
        )

    def model(self, depth: int, kind: tuple[Any, Any, Any] | None = None) -> Kind:
        fields: dict[str, Any] = {}
        samples: dict[str, Callable[[], Any]] = {}
        if kind:
            fields["kind"] = (kind[0], kind[1])
            samples["kind"] = lambda: kind[2]
        for number in range(self.random.randint(1, 4)):
            inner = self.a_type(depth)
            name = f"f{number}"
            how = self.random.random()
            wire, sample = name, inner.sample
            if how < 0.2:
                wire = self.random.choice(["camelCase", "odd name", "9x", "class", "$ref"]) + str(number)
                fields[name] = (inner.annotation, Field(alias=wire))
            elif how < 0.4:
                fields[name] = (Optional[inner.annotation], None)
                sample = self.maybe(inner.sample)
            elif how < 0.6 and isinstance(inner.annotation, type) and inner.annotation in (int, str, bool):
                fields[name] = (inner.annotation, inner.sample())
                sample = self.maybe(inner.sample)
            elif how < 0.7:
                fields[name] = (list[inner.annotation], Field(default_factory=list))
                sample = self.maybe(lambda inner=inner: [inner.sample()])
            else:
                fields[name] = (inner.annotation, ...)
            samples[wire] = sample
        extra = self.random.choice(["ignore", "ignore", "allow", "forbid"])
        base: Any = type("Base", (BaseModel,), {"model_config": ConfigDict(extra=extra)})
        if self.random.random() < 0.3:
            base = type("Computing", (base,), {"total": computed_field(property(total)), "__module__": __name__})
        made = create_model(self.name("Model"), __base__=base, **fields)

        def sample_all() -> Any:
            values = {wire: sample() for wire, sample in samples.items()}
            if extra == "allow" and self.random.random() < 0.5:
                values["more"] = self.random.choice([1, "x", None])
            return {wire: value for wire, value in values.items() if value is not LEFT_OUT}

        return Kind(made, sample_all)

    def maybe(self, sample: Callable[[], Any]) -> Callable[[], Any]:
        return lambda: sample() if self.random.random() < 0.5 else LEFT_OUT

    def spoil(self, value: Any) -> Any:
        """The same with one thing wrong somewhere."""
        value = copy.deepcopy(value)
        places: list[tuple[Any, Any]] = []

        def walk(one: Any) -> None:
            items = one.items() if isinstance(one, dict) else enumerate(one) if isinstance(one, list) else ()
            for key, inner in list(items):
                places.append((one, key))
                walk(inner)

        walk(value)
        if not places or self.random.random() < 0.1:
            return self.random.choice(WRONG) if not places else value | {"zzz": 1} if isinstance(value, dict) else None
        holder, key = self.random.choice(places)
        if isinstance(holder, dict) and self.random.random() < 0.4:
            del holder[key]
        else:
            holder[key] = self.random.choice(WRONG)
        return value


def total(self: Any) -> int:
    return 1


def refused_for_shape(errors: list[dict[str, Any]]) -> bool:
    """Whether a compiler can know: not for a value within its type, nor for a further field inside of a union."""
    return all(
        not VALUE_ERRORS.search(error["type"])
        and not (error["type"] == "extra_forbidden" and len(error["loc"]) > 2)
        for error in errors
    )


def main() -> None:
    seed, count = int(sys.argv[1]), int(sys.argv[2])
    app = FastAPI(generate_unique_id_function=lambda route: route.name)
    makers: list[tuple[str, Maker, Kind]] = []
    for number in range(count):
        maker = Maker(seed + number)
        others = (maker.a_list, maker.a_tuple, maker.dictionary, maker.discriminated, maker.typed_dict)
        make = maker.model if maker.random.random() < 0.7 else maker.random.choice(others)
        kind = make(3)
        name = f"op{number}"
        annotation: Any = kind.annotation

        def echo(body: Any) -> Any:
            return body

        echo.__annotations__ = {"body": Annotated[annotation, Body()], "return": annotation}
        echo.__name__ = name
        app.post(f"/{name}", name=name)(echo)
        makers.append((name, maker, kind))
    client = TestClient(app)
    cases = []
    for name, maker, kind in makers:
        sent, received, refused = [], [], []
        for _ in range(4):
            body = kind.sample()
            answer = client.post(f"/{name}", json=body)
            if answer.status_code != 200:
                raise SystemExit(f"seed {maker.seed}: {json.dumps(body)} was refused: {answer.text}")
            sent.append(body)
            received.append(answer.json())
            for _ in range(3):
                wrong = maker.spoil(body)
                answer = client.post(f"/{name}", json=wrong)
                if answer.status_code == 422 and refused_for_shape(answer.json()["detail"]):
                    refused.append(wrong)
        cases.append({"operation": name, "seed": maker.seed, "sent": sent, "received": received, "refused": refused})
    print(json.dumps({"document": describe(app), "cases": cases}))


if __name__ == "__main__":
    from fastapi import Body

    main()
