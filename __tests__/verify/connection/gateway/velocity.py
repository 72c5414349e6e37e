"""The Velocity Template Language, as far as mapping templates of preflights use it: `#set`, `#if`, `#end`, comparisons and `matches`.

What else a template holds is an error, so that no part of one goes unread.
"""

import re
from collections.abc import Callable
from typing import Any

_TOKEN = re.compile(r'\s*(\|\||==|!=|\(|\)|\$[\w.-]+|"[^"]*"|\'(?:[^\']|\'\')*\')')
_DIRECTIVE = re.compile(r"#(set|if|end)")


def overrides(template: str, params: Callable[[str], str]) -> dict[str, str]:
    """Headers that a template sets on `$context.responseOverride.header`.

    Args:
        template: As the integration's response has it.
        params: What `$input.params` gives; empty for a header that is not there.
    """
    variables: dict[str, str] = {}
    headers: dict[str, str] = {}
    active = [True]
    position = 0
    while found := _DIRECTIVE.search(template, position):
        if template[position : found.start()].strip():
            raise ValueError(f"text between directives: {template[position : found.start()]!r}")
        position = found.end()
        if found[1] == "end":
            active.pop()
            continue
        tokens, position = _parenthesized(template, position)
        if found[1] == "if":
            active.append(active[-1] and _condition(tokens, variables, params))
        elif active[-1]:
            name, value = _assignment(tokens, variables, params)
            prefix = "$context.responseOverride.header."
            if name.startswith(prefix):
                headers[name.removeprefix(prefix)] = value
            else:
                variables[name] = value
    if template[position:].strip() or len(active) != 1:
        raise ValueError(f"the template ends in {template[position:]!r}")
    return headers


def _parenthesized(template: str, position: int) -> tuple[list[str], int]:
    """Tokens between a parenthesis and the one that closes it."""
    tokens: list[str] = []
    depth = 0
    while True:
        assignment = re.compile(r"\s*=(?!=)").match(template, position)
        found = assignment or _TOKEN.match(template, position)
        if not found:
            raise ValueError(f"cannot read {template[position : position + 40]!r}")
        position = found.end()
        token = "=" if assignment else found[1]
        depth += (token == "(") - (token == ")")
        if depth == 0:
            return tokens[1:], position
        tokens.append(token)


def _value(tokens: list[str], variables: dict[str, str], params: Callable[[str], str]) -> str:
    if len(tokens) == 1:
        token = tokens[0]
        return variables[token] if token.startswith("$") else token[1:-1].replace("''", "'")
    if tokens[0] == "$input.params" and len(tokens) == 4:
        return params(tokens[2][1:-1])
    raise ValueError(f"no value: {tokens}")


def _assignment(tokens: list[str], variables: dict[str, str], params: Callable[[str], str]) -> tuple[str, str]:
    if tokens[1] != "=":
        raise ValueError(f"no assignment: {tokens}")
    return tokens[0], _value(tokens[2:], variables, params)


def _condition(tokens: list[str], variables: dict[str, str], params: Callable[[str], str]) -> bool:
    if "||" in tokens:
        index = tokens.index("||")
        return _condition(tokens[:index], variables, params) or _condition(tokens[index + 1 :], variables, params)
    if len(tokens) == 4 and tokens[0].endswith(".matches"):
        subject = variables[tokens[0].removesuffix(".matches")]
        return re.fullmatch(_value(tokens[2:3], variables, params), subject) is not None
    left, operator, right = tokens
    return (_value([left], variables, params) == _value([right], variables, params)) == (operator == "==")
