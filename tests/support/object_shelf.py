"""Where the doubles of object stores keep what is whole: a folder with a file for each object, its
name percent-encoded, and what is said of it in memory."""
import pathlib
import urllib.parse


class Shelf:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.details = {}

    def path(self, name):
        return self.folder / urllib.parse.quote(name, safe="")

    def has(self, name):
        return name in self.details

    def put(self, name, data, **details):
        self.path(name).write_bytes(data)
        self.details[name] = details

    def objects(self):
        return objects_of(self.folder)


def objects_of(folder):
    """By name, as whoever reads sees them."""
    return {urllib.parse.unquote(one.name): one.read_bytes() for one in
            pathlib.Path(folder).iterdir()}
