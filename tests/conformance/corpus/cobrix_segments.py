"""Cobrix's segments: which belong to which, as mapping files say it and as Cobrix prints it."""

import cobrix_copybook
import layout as layouts


class Segments:
    """Which segments belong to which, as mapping files say it and as Cobrix prints it."""

    def __init__(self, translation, layout):
        self.translation = translation
        self.layout = layout
        below = {name for names in translation.children.values() for name in names}
        self.root = next(name for name in translation.children if name not in below)

    def condition(self, name):
        field = self.translation.options["segment_field"]
        return self.translation.equals(field, self.translation.segments[name])

    def children(self, name):
        made = []
        for child in self.translation.children.get(name, []):
            entry = {"item": child, "as": child, "match": self.condition(child)}
            if self.translation.children.get(child):
                entry["children"] = self.children(child)
            made.append(entry)
        return made

    def row(self, shaper, ours):
        """What all records have stands beside the root's segment, children within it."""
        segments = set(self.translation.segments)
        made = {name: value for name, value in shaper.shaped(self.layout, ours, {})
                if name not in {layouts.key(segment) for segment in segments}}
        made[layouts.key(self.root)] = self.segment(shaper, self.root, ours)
        if self.translation.keep_root and not self.layout.is_implied \
                and self.layout.name != cobrix_copybook.ROOT:
            made = {shaper.names[id(self.layout)]: made}
        return made

    def segment(self, shaper, name, ours):
        made = shaper.object(self.layout.find(name), ours, {})
        for child in self.translation.children.get(name, []):
            made[layouts.key(child)] = [self.segment(shaper, child, element)
                                        for element in ours.get(child) or []]
        return made
