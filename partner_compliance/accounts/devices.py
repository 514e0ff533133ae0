"""What a browser says of itself, in a few plain words: enough to know one's own devices, too little to track anyone."""

#: The first that fits counts, so those that also name others come first.
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "Chromebook"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Line/", "LINE"),
    ("FxiOS", "Firefox"),
    ("Firefox", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)

UNKNOWN = "種類の分からない端末"


def in_words(user_agent: str) -> str:
    """「iPhone の Safari」 for the header `User-Agent`; never more of it than the names known here."""
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    return " の ".join(filter(None, (system, browser))) or UNKNOWN
