"""A checkout's body as the inputs of a form, in either spelling."""


def flat(value):
    """The inputs that mean this body, as a merchant's template would write them."""
    if isinstance(value, dict):
        members = value.items()
    elif isinstance(value, list):
        members = enumerate(value)
    else:
        return {(): str(value).lower() if isinstance(value, bool) else str(value)}
    return {
        (str(name), *rest): text for name, below in members for rest, text in flat(below).items()
    }


def underscored(body):
    return {"_".join(path): text for path, text in flat(body).items()}


def bracketed(body):
    return {
        path[0] + "".join(f"[{part}]" for part in path[1:]): text
        for path, text in flat(body).items()
    }
