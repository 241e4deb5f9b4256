"""Pure rules of the organisation."""


def short_name(name: str, *, kind: str) -> str:
    """Return the name without the kind that it begins with: "Hà Nội" of "Thành phố Hà Nội".

    A name that would be left with a number alone keeps its kind: "Quận 1".
    """
    rest = name[len(kind) :].strip() if name.casefold().startswith(f"{kind.casefold()} ") else name
    return name if rest.replace(" ", "").isdigit() else rest
