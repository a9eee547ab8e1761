"""A recording taken apart: the items of what was read, changed, and put together again."""
import io
import struct
import tarfile


def items_of(data):
    """(name, error, data) of a bundle; see core/base/bundle.h."""
    at = 0
    while at < len(data):
        size, name, error = struct.unpack_from("<IHh", data, at)
        at += 8
        yield data[at:at + name], error, data[at + name:at + name + size]
        at += name + size


def bundle_of(items):
    return b"".join(struct.pack("<IHh", len(data), len(name), error) + name + data for name, error, data in items)


def rewrite(source, target, word, change):
    """Copies a recording; the items of its parts of that word become change(items)."""
    with tarfile.open(source) as old, tarfile.open(target, "w", format=tarfile.USTAR_FORMAT) as new:
        for member in old:
            data = old.extractfile(member).read()
            if f"/{word}/" in member.name:
                head, _, body = data.partition(b"\n")
                data = head + b"\n" + bundle_of(change(list(items_of(body))))
                member.size = len(data)
            new.addfile(member, io.BytesIO(data))
