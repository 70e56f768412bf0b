"""Pictures of images: files below --image-root, which nginx sends, or addresses elsewhere."""

import itertools
import os
import socket

import pytest

import pictures
from client import Client, refused
from conftest import names
from stack import Site, Thumbnails, wait_for

counter = itertools.count(1)


@pytest.fixture(scope="module")
def root(home):
    return home.folder("pictures")


@pytest.fixture(scope="module")
def thumbnails(home):
    server = Thumbnails(home)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def show(home, postgres, root, thumbnails):
    """A client of a service with --image-root, and with thumbnails."""
    site = Site(home, postgres, f"show{next(names)}", ["--image-root", root])
    yield Client(site)
    site.stop()


def with_files(*file_names):
    """A ground truth whose images 1, 2 ... have these file names."""
    return {"images": [{"id": i, "width": 40, "height": 30, "file_name": name}
                       for i, name in enumerate(file_names, 1)],
            "categories": [{"id": 1, "name": "car"}], "annotations": []}


class Album:
    """A dataset with a directory of pictures of its own."""

    def __init__(self, show, root, *file_names):
        self.client, self.name = show, f"album{next(counter)}"
        self.folder = root / self.name
        self.folder.mkdir()
        self.import_files(*file_names)
        reply = show.put(f"/datasets/{self.name}/pictures", {"directory": self.name})
        assert reply.status == 200, reply

    def import_files(self, *file_names):
        reply = self.client.put(f"/datasets/{self.name}", with_files(*file_names))
        assert reply.status in (200, 201), reply

    def write(self, name, data):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def image(self, image=1):
        return self.client.get(f"/datasets/{self.name}/images/{image}").json()

    def get(self, image=1, size=None, method="GET", **headers):
        query = f"?size={size}" if size else ""
        return self.client.request(method, f"/datasets/{self.name}/images/{image}/picture{query}",
                                   headers={name.replace("_", "-"): value
                                            for name, value in headers.items()})


@pytest.fixture
def album(show, root):
    """album("a.png", ...) is a dataset whose images 1, 2 ... have these file names."""
    return lambda *file_names: Album(show, root, *file_names)


def no_picture(reply, *words):
    refused(reply, 404, "no_picture", *words)
    assert reply.headers["Content-Type"].startswith("application/problem+json")
    assert reply.headers["Cache-Control"] == "no-store"


# ---- the file itself


def test_a_picture_is_the_file_of_the_directory(album):
    mine, data = album("a.png"), pictures.png(40, 30)
    mine.write("a.png", data)
    reply = mine.get()
    assert (reply.status, reply.body) == (200, data)
    assert reply.headers["Content-Type"] == "image/png"
    assert int(reply.headers["Content-Length"]) == len(data)


def test_nothing_in_a_picture_can_run(album):
    mine = album("a.png")
    mine.write("a.png", b"<script>alert(1)</script>")
    headers = mine.get().headers
    assert headers["Content-Type"] == "image/png"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert headers["Cross-Origin-Resource-Policy"] == "same-site"


def test_head_says_what_get_would(album):
    mine, data = album("a.png"), pictures.png(40, 30)
    mine.write("a.png", data)
    reply = mine.get(method="HEAD")
    assert (reply.status, reply.body) == (200, b"")
    assert int(reply.headers["Content-Length"]) == len(data)
    assert mine.get(method="HEAD").headers["ETag"] == mine.get().headers["ETag"]


def test_a_part_of_a_picture_can_be_had(album):
    mine, data = album("a.png"), pictures.png(40, 30)
    mine.write("a.png", data)
    reply = mine.get(Range="bytes=8-15")
    assert (reply.status, reply.body) == (206, data[8:16])
    assert reply.headers["Content-Range"] == f"bytes 8-15/{len(data)}"


def test_a_picture_that_is_known_is_not_sent_again(album):
    mine = album("a.png")
    path = mine.write("a.png", pictures.png(40, 30))
    first = mine.get()
    again = mine.get(If_None_Match=first.headers["ETag"])
    assert (again.status, again.body) == (304, b"")
    assert mine.get(If_Modified_Since=first.headers["Last-Modified"]).status == 304
    path.write_bytes(pictures.png(410, 300))
    assert mine.get(If_None_Match=first.headers["ETag"]).status == 200


def test_the_address_in_documents_can_be_kept_by_clients(album, show):
    mine = album("a.png", "no picture", "b.png")
    mine.write("a.png", pictures.png(40, 30))
    address = mine.image()["picture"]
    assert address.startswith(f"/datasets/{mine.name}/images/1/picture?version=")
    assert show.get(address).headers["Cache-Control"] == "private, max-age=604800"
    assert mine.get().headers["Cache-Control"] == "private, no-cache"
    listed = show.get(f"/datasets/{mine.name}/images").json()["images"]
    assert [bool(image["picture"]) for image in listed] == [True, False, True]
    assert listed[0]["picture"] == address
    batch = show.get(f"/datasets/{mine.name}/annotations/batch?image_ids=1,2").json()["images"]
    assert [image["picture"] for image in batch] == [address, None]


def test_an_address_of_before_is_asked_for_again(album, show):
    """Another ground truth may give the id to another file."""
    mine = album("a.png")
    mine.write("a.png", pictures.png(40, 30))
    mine.write("b.png", pictures.png(50, 30))
    before = mine.image()["picture"]
    mine.import_files("b.png")
    after = mine.image()["picture"]
    assert after != before
    assert show.get(before).headers["Cache-Control"] == "private, no-cache"
    assert pictures.size(show.get(after).body) == (50, 30)
    show.put(f"/datasets/{mine.name}/pictures", {"directory": mine.name})
    assert mine.image()["picture"] not in (before, after)


@pytest.mark.parametrize("kind, type", [
    ("jpg", "image/jpeg"), ("JPEG", "image/jpeg"), ("png", "image/png"), ("gif", "image/gif"),
    ("webp", "image/webp"), ("avif", "image/avif"), ("bmp", "image/bmp"), ("tif", "image/tiff"),
    ("tiff", "image/tiff")])
def test_a_picture_has_the_type_of_its_name(album, kind, type):
    mine = album(f"a.{kind}")
    mine.write(f"a.{kind}", b"anything")
    assert mine.get().headers["Content-Type"] == type
    # Of what no thumbnail can be made, the file itself is sent.
    small = mine.get(size="small")
    assert (small.status, small.headers["Content-Type"], small.body) == (200, type, b"anything")


# ---- what is not there


def test_a_missing_picture_is_404(album):
    mine = album("a.png")
    for size in (None, "small"):
        no_picture(mine.get(size=size))
    reply = mine.get(method="HEAD")
    assert (reply.status, reply.body) == (404, b"")


def test_a_directory_and_what_nginx_may_not_read_are_404(album):
    mine = album("a.png", "b.png")
    (mine.folder / "a.png").mkdir()
    for size in (None, "small"):
        no_picture(mine.get(size=size))
        assert "Location" not in mine.get(size=size).headers
    if os.geteuid() == 0:  # the servers run as another user
        mine.write("b.png", pictures.png(4, 3)).chmod(0)
        for size in (None, "small"):
            no_picture(mine.get(2, size=size))


def test_a_dataset_without_pictures_has_none(web, dataset):
    no_picture(web.get(f"/datasets/{dataset}/images/1/picture"), dataset, "PUT")
    assert web.get(f"/datasets/{dataset}/images/1").json()["picture"] is None
    assert web.get(f"/datasets/{dataset}").json()["pictures"] is None
    refused(web.get(f"/datasets/{dataset}/images/99/picture"), 404, "unknown_image")
    refused(web.get("/datasets/nobody/images/99/picture"), 404, "unknown_dataset")
    refused(web.delete(f"/datasets/{dataset}/pictures"), 404, "no_picture")


@pytest.mark.parametrize("path", ["/_pictures/", "/_pictures/file/secret.png",
                                  "/_pictures/small/secret.png", "/_pictures/file/../file/a.png"])
def test_internal_addresses_are_for_nginx_alone(show, root, path):
    (root / "secret.png").write_bytes(pictures.png(4, 3))
    no_picture(show.get(path))


# ---- names of strangers

LONG = "x" * 251 + ".png"


@pytest.mark.parametrize("name", [
    "with space.png", "100%.png", "%41.png", "%2e%2e%2fa.png", "a?b=c.png", "a#b.png",
    "a&b;c=d.png",
    "a+b.png", "quote\"'.png", "back\\slash.png", "..\\a.png", "<b>.png", "übung/straße.png",
    "日本語.png", "🚗.png", "....png", "...png/a.png", "a.php/b.png", "$uri.png", "@named.png",
    ":.png", "a.png.png", " .png", LONG, "/".join(["d" * 100] * 6) + "/a.png"])
def test_a_name_is_taken_as_it_stands(album, name):
    mine, data = album(name), pictures.png(400, 300)
    mine.write(name, data)
    reply = mine.get()
    assert (reply.status, reply.body) == (200, data)
    assert pictures.size(mine.get(size="small").body) == (160, 120)


@pytest.mark.parametrize("name, file", [("./a.png", "a.png"), ("b//c/./a.png", "b/c/a.png")])
def test_segments_without_meaning_are_left_out(album, name, file):
    mine, data = album(name), pictures.png(4, 3)
    mine.write(file, data)
    assert mine.get().body == data


@pytest.mark.parametrize("name, reason", [
    ("../secret.png", "leads out"), ("a/../../secret.png", "leads out"), ("..", "leads out"),
    ("a/..", "leads out"), ("/etc/secret.png", "is absolute"), ("", "is empty"),
    ("a\nb.png", "control"), ("a\tb.png", "control"), ("x" * 765 + ".png", "768 bytes"),
    ("page.html", "does not end"), ("drawing.svg", "does not end"), ("a.png.svg", "does not end"),
    ("noend", "does not end"), ("a.png/", "does not end"), ("a.PNG ", "does not end"),
    (".htpasswd", "does not end"), ("a.png\u2028x", "does not end")])
def test_a_name_that_is_none_of_a_picture_is_refused(album, root, name, reason):
    (root / "secret.png").write_bytes(pictures.png(4, 3))
    mine = album(name)
    for file in ("page.html", "drawing.svg", "noend", ".htpasswd", "a.png.svg"):
        mine.write(file, b"secret")
    for size in (None, "small"):
        no_picture(mine.get(size=size), reason)
    assert mine.image()["picture"] is None


def test_an_image_without_a_name_has_no_picture(show, album):
    mine = album("a.png")
    truth = with_files("a.png")
    del truth["images"][0]["file_name"]
    assert show.put(f"/datasets/{mine.name}", truth).status == 200
    no_picture(mine.get(), "is empty")


def test_a_name_longer_than_a_file_may_have_is_404(album):
    mine = album("x" * 300 + ".png")
    for size in (None, "small"):
        no_picture(mine.get(size=size))


def test_links_are_not_followed(album, home):
    """Not even inside: who may write there may not be allowed to read what a link points to."""
    mine = album("a.png", "out.png", "folder/b.png", "inside.png")
    mine.write("a.png", pictures.png(4, 3))
    secret = home.folder("elsewhere") / "b.png"
    secret.write_bytes(pictures.png(4, 3))
    (mine.folder / "out.png").symlink_to(secret)
    (mine.folder / "folder").symlink_to(secret.parent)
    (mine.folder / "inside.png").symlink_to("a.png")
    assert mine.get().status == 200
    for image in (2, 3, 4):
        for size in (None, "small"):
            no_picture(mine.get(image, size=size))


# ---- thumbnails


@pytest.mark.parametrize("size, expected", [("small", (160, 80)), ("medium", (480, 240)),
                                            ("large", (1280, 640))])
def test_a_thumbnail_has_its_size(album, size, expected):
    mine = album("a.png", "tall.png")
    mine.write("a.png", pictures.png(2000, 1000))
    mine.write("tall.png", pictures.png(1000, 2000))
    reply = mine.get(size=size)
    assert (reply.status, reply.headers["Content-Type"]) == (200, "image/png")
    assert pictures.size(reply.body) == expected
    assert pictures.size(mine.get(2, size=size).body) == expected[::-1]
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert reply.headers["Cache-Control"] == "private, no-cache"
    assert mine.get(size=size, method="HEAD").headers["Content-Length"] == str(len(reply.body))


def test_a_small_picture_is_its_own_thumbnail(album):
    mine, data = album("a.png"), pictures.png(40, 30)
    mine.write("a.png", data)
    assert mine.get(size="small").body == data


def test_a_thumbnail_can_be_kept(album, show):
    mine = album("a.png")
    mine.write("a.png", pictures.png(400, 300))
    reply = show.get(mine.image()["picture"] + "&size=small")
    assert reply.headers["Cache-Control"] == "private, max-age=604800"
    assert mine.get(size="small", If_None_Match=reply.headers["ETag"]).status == 304


def test_a_thumbnail_is_made_once(album):
    mine = album("a.png")
    mine.write("a.png", pictures.png(400, 300))
    first = mine.get(size="small")
    mine.write("a.png", b"broken by now")
    assert mine.get(size="small").body == first.body


class HastySite(Site):
    """A site that looks each second whether the file of a thumbnail has changed."""

    def configuration(self, name):
        path = super().configuration(name)
        conf = self.home.path / f"{name}_pgcoco-pictures.conf"
        text = conf.read_text()
        assert "proxy_cache_valid 200 1m;" in text
        conf.write_text(text.replace("proxy_cache_valid 200 1m;", "proxy_cache_valid 200 1s;"))
        return path


def test_a_thumbnail_follows_its_file(home, postgres, root, album, thumbnails):
    mine = album("a.png")
    path = mine.write("a.png", pictures.png(400, 300))
    site = HastySite(home, postgres, f"hasty{next(names)}", ["--image-root", root])
    mine.client = Client(site)
    try:
        assert pictures.size(mine.get(size="small").body) == (160, 120)
        mine.write("a.png", pictures.png(600, 200))
        wait_for(lambda: pictures.size(mine.get(size="small").body) == (160, 53), "the new file")
        path.unlink()
        wait_for(lambda: mine.get(size="small").status == 404, "no file")
    finally:
        site.stop()


def test_a_picture_of_a_large_camera_has_a_thumbnail(album):
    mine = album("a.png")
    mine.write("a.png", pictures.bomb(8000))
    assert pictures.size(mine.get(size="medium").body) == (480, 480)


def test_an_unknown_size_is_refused(album):
    refused(album("a.png").get(size="huge"), 400, "bad_request", "small or medium")


def test_what_cannot_be_decoded_is_sent_as_it_is(album):
    mine, broken = album("a.png"), pictures.png(400, 300)[:-40]
    mine.write("a.png", broken)
    reply = mine.get(size="small")
    assert (reply.status, reply.body) == (200, broken)
    assert reply.headers["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize("side", [30_000, 50_000])
def test_a_picture_of_a_billion_pixels_costs_a_bounded_amount(album, thumbnails, side):
    mine, data = album("bomb.png", "a.png"), pictures.bomb(side)
    mine.write("bomb.png", data)
    mine.write("a.png", pictures.png(400, 300))
    for size in ("small", "large"):
        assert mine.get(size=size).body == data
    # Whoever makes thumbnails is still there.
    assert pictures.size(mine.get(2, size="small").body) == (160, 120)
    assert thumbnails.process.poll() is None


def test_a_file_of_many_bytes_is_sent_as_it_is(album):
    mine, data = album("a.png"), pictures.png(400, 300) + b"\0" * (33 << 20)
    mine.write("a.png", data)
    assert mine.get(size="small").body == data


# ---- elsewhere


@pytest.mark.parametrize("url, name, location", [
    ("https://example.org/{file_name}", "a.png", "https://example.org/a.png"),
    ("http://example.org:8080/val/{file_name}?w=1", "a b/c.jpg",
     "http://example.org:8080/val/a%20b/c.jpg?w=1"),
    ("https://example.org/get?file={file_name}&x=1", "a/b&c.jpg",
     "https://example.org/get?file=a%2Fb%26c.jpg&x=1"),
    ("https://example.org/{file_name}.jpg", "no ending", "https://example.org/no%20ending.jpg"),
    ("https://example.org/{file_name}", "ü%?#🚗\"\\.png",
     "https://example.org/%C3%BC%25%3F%23%F0%9F%9A%97%22%5C.png"),
    ("https://[2001:db8::1]/{file_name}", "//evil.example/a.png", None),
    ("https://example.org/a/{file_name}", "../b.png", None),
    ("https://example.org/{file_name}", "a\r\nSet-Cookie: x.png", None)])
def test_pictures_may_be_elsewhere(web, name, url, location, request):
    dataset = f"away{next(counter)}"
    file_name = request.node.callspec.params["name"]
    assert web.put(f"/datasets/{dataset}", with_files(file_name)).status == 201
    reply = web.put(f"/datasets/{dataset}/pictures", {"url": url})
    assert (reply.status, reply.json()["pictures"]) == (200, {"url": url})
    address = web.get(f"/datasets/{dataset}/images/1").json()["picture"]
    reply = web.get(f"/datasets/{dataset}/images/1/picture")
    if location is None:
        assert address is None
        no_picture(reply)
        return
    for size in ("", "?size=small"):
        reply = web.get(f"/datasets/{dataset}/images/1/picture{size}")
        assert (reply.status, reply.headers["Location"]) == (302, location)
        assert reply.headers["Cache-Control"] == "private, no-cache"
    assert web.get(address).headers["Cache-Control"] == "private, max-age=604800"


# ---- settings


def test_a_dataset_says_where_its_pictures_are(album, show):
    mine = album("a.png")
    path = f"/datasets/{mine.name}"
    assert show.get(path).json()["pictures"] == {"directory": mine.name}
    reply = show.put(path + "/pictures", {"url": "https://example.org/{file_name}"})
    assert reply.json()["pictures"] == {"url": "https://example.org/{file_name}"}
    assert show.get(path).json()["pictures"] == {"url": "https://example.org/{file_name}"}
    assert show.delete(path + "/pictures").status == 204
    assert show.get(path).json()["pictures"] is None
    no_picture(mine.get())
    no_picture(show.delete(path + "/pictures"), mine.name)


def test_an_import_leaves_the_pictures_where_they_are(album, show):
    mine = album("a.png")
    mine.write("b.png", pictures.png(4, 3))
    mine.import_files("a.png", "b.png")
    assert show.get(f"/datasets/{mine.name}").json()["pictures"] == {"directory": mine.name}
    assert mine.get(2).status == 200


def test_a_deleted_dataset_takes_its_setting_along(album, show, db):
    mine = album("a.png")
    assert show.delete(f"/datasets/{mine.name}").status == 204
    mine.import_files("a.png")
    assert show.get(f"/datasets/{mine.name}").json()["pictures"] is None


def test_the_directory_may_be_the_root_itself(album, show, root):
    mine = album("root.png")
    (root / "root.png").write_bytes(pictures.png(4, 3))
    assert show.put(f"/datasets/{mine.name}/pictures", {"directory": "."}).status == 200
    assert mine.get().status == 200


@pytest.mark.parametrize("body, words", [
    ({}, ["either"]), ({"directory": "a", "url": "https://a.example/{file_name}"}, ["either"]),
    ([], ["object"]), ({"folder": "a"}, ["folder"]),
    ({"directory": 1}, ["directory", "not a text"]),
    ({"directory": ""}, ["is empty"]), ({"directory": "/etc"}, ["absolute"]),
    ({"directory": "../a"}, ["leads out"]), ({"directory": "a/.."}, ["leads out"]),
    ({"directory": "a\nb"}, ["control"]), ({"directory": "x" * 201}, ["200 bytes"]),
    ({"directory": "a\0b"}, ["u0000"]), ({"url": None}, ["url", "not a text"]),
    ({"url": "ftp://a.example/{file_name}"}, ["http"]),
    ({"url": "javascript:alert(1)//{file_name}"}, ["http"]),
    ({"url": "https://{file_name}/"}, ["host"]),
    ({"url": "https://a.example{file_name}/"}, ["host"]),
    ({"url": "https://user:word@a.example/{file_name}"}, ["host"]),
    ({"url": "https:///{file_name}"}, ["host"]), ({"url": "https://a.example/"}, ["once"]),
    ({"url": "https://a.example/{file_name}/{file_name}"}, ["once"]),
    ({"url": "https://a.example/{file}/{file_name}"}, ["characters"]),
    ({"url": "https://a.example/a b/{file_name}"}, ["characters"]),
    ({"url": "https://a.example/#{file_name}"}, ["characters"]),
    ({"url": "https://a.example/%zz{file_name}"}, ["characters"]),
    ({"url": "https://a.example/\r\nX: {file_name}"}, ["characters"]),
    ({"url": "https://a.example/" + "x" * 1024 + "{file_name}"}, ["1024"])])
def test_a_setting_that_cannot_be_used_is_refused(show, album, body, words):
    mine = album("a.png")
    refused(show.put(f"/datasets/{mine.name}/pictures", body), 422, "wrong_shape", *words)
    assert show.get(f"/datasets/{mine.name}").json()["pictures"] == {"directory": mine.name}


def test_a_directory_must_exist(show, album, root):
    mine = album("a.png")
    path = f"/datasets/{mine.name}/pictures"
    refused(show.put(path, {"directory": "nowhere"}), 404, "unknown_file", "nowhere",
            "--image-root")
    (root / "a-file").write_bytes(b"")
    refused(show.put(path, {"directory": "a-file"}), 422, "wrong_shape", "file")
    (root / "a-link").symlink_to("/etc")
    refused(show.put(path, {"directory": "a-link"}), 403, "forbidden")
    assert show.get(f"/datasets/{mine.name}").json()["pictures"] == {"directory": mine.name}
    refused(show.put("/datasets/nobody/pictures", {"directory": "."}), 404, "unknown_dataset")


def test_without_a_root_there_are_no_directories(web, dataset):
    refused(web.put(f"/datasets/{dataset}/pictures", {"directory": "."}), 403, "forbidden",
            "--image-root")


def test_a_body_that_is_no_json_is_refused(show, album):
    path = f"/datasets/{album('a.png').name}/pictures"
    refused(show.put(path, b"{"), 400, "truncated")
    refused(show.put(path, b"{} x"), 400, "not_json")
    refused(show.put(path, b'{"directory": "' + b"x" * 20_000), 413, "body_too_large")


def test_pages_of_other_sites_cannot_change_it(show, album):
    mine = album("a.png")
    reply = show.put(f"/datasets/{mine.name}/pictures", {"url": "https://evil.example/{file_name}"},
                     headers={"Origin": "https://evil.example"})
    refused(reply, 403, "forbidden")


def test_the_root_must_be_a_directory(pgcoco, home):
    done = pgcoco("--image-root", home.path / "nowhere", "--socket", home.path / "never.sock")
    assert done.returncode == 1
    assert b"--image-root" in done.stderr and b"nowhere" in done.stderr


# ---- who waits for whom


def test_slow_readers_of_pictures_hold_no_thread(home, postgres, root, show, album):
    """A service with two threads, and four clients that read nothing of 8 MB each."""
    mine = album("a.png")
    mine.write("a.png", pictures.png(4, 3) + b"\0" * (8 << 20))
    site = Site(home, postgres, f"slow{next(names)}", ["--image-root", root, "--threads", "2"])
    readers = []
    try:
        for _ in range(4):
            reader = socket.socket()
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            reader.connect(("127.0.0.1", site.port))
            reader.sendall(f"GET /datasets/{mine.name}/images/1/picture HTTP/1.1\r\n"
                           "Host: localhost\r\n\r\n".encode())
            readers.append(reader)
        assert all(reader.recv(12) == b"HTTP/1.1 200" for reader in readers)
        assert Client(site).get(f"/datasets/{mine.name}").status == 200
    finally:
        for reader in readers:
            reader.close()
        site.stop()


def test_whole_pictures_are_sent_while_nobody_makes_thumbnails(album, thumbnails, home):
    mine, data = album("a.png"), pictures.png(400, 300)
    mine.write("a.png", data)
    away = thumbnails.socket.rename(thumbnails.socket.with_suffix(".away"))
    try:
        reply = mine.get(size="small")
        assert (reply.status, reply.body) == (200, data)
    finally:
        away.rename(thumbnails.socket)
    assert pictures.size(mine.get(size="small").body) == (160, 120)


# ---- what is missing


def missing(client, dataset):
    """The finding about files, once somebody has looked."""
    findings = {finding["code"]: finding
                for finding in client.get(f"/datasets/{dataset}/health").json()["findings"]}
    finding = findings.get("image_without_file", {})
    return finding if finding.get("count") is not None else None


def wait_for_missing(client, dataset, count):
    return wait_for(lambda: (now := missing(client, dataset)) and now["count"] == count and now,
                    f"a look at the files of {dataset}, of which {count} are missing")


def test_the_health_of_a_ground_truth_names_images_without_files(album, show):
    mine = album("a.png", "b/c.png", "gone.png", "../a.png", "page.html", "link.png",
                 "a-folder.png")
    mine.write("a.png", b"")
    mine.write("b/c.png", b"")
    mine.write("page.html", b"")
    (mine.folder / "link.png").symlink_to("a.png")
    (mine.folder / "a-folder.png").mkdir()
    assert show.put(f"/datasets/{mine.name}/pictures", {"directory": mine.name}).status == 200
    finding = wait_for_missing(show, mine.name, 5)
    assert finding["what"] == "images without a file in the directory of the pictures"
    assert [(one["image_id"], one["file_name"]) for one in finding["examples"]] == [
        (3, "gone.png"), (4, "../a.png"), (5, "page.html"), (6, "link.png"), (7, "a-folder.png")]
    assert finding["examples"][0]["link"] == f"/datasets/{mine.name}/images/3"


def test_files_are_looked_at_again_when_something_changes(album, show):
    mine = album(*(f"{i}.png" for i in range(2500)))
    assert len(wait_for_missing(show, mine.name, 2500)["examples"]) == 10
    for i in range(1200, 2500):
        mine.write(f"{i}.png", b"")
    show.put(f"/datasets/{mine.name}/pictures", {"directory": mine.name})
    wait_for_missing(show, mine.name, 1200)
    mine.import_files("1200.png", "7.png")
    wait_for_missing(show, mine.name, 1)
    show.put(f"/datasets/{mine.name}/pictures", {"url": "https://example.org/{file_name}"})
    assert missing(show, mine.name) is None


def test_a_look_that_has_begun_and_not_ended_is_no_finding(album, show, db):
    mine = album("a.png")
    wait_for_missing(show, mine.name, 1)
    db.execute("update coco.picture_checks set checked_at = null, missing = null, examples = null"
               " where dataset_id = (select id from coco.datasets where name = %s)", (mine.name,))
    assert missing(show, mine.name) is None
    db.execute("update coco.picture_checks set begun_at = now() - interval '61 minutes'"
               " where dataset_id = (select id from coco.datasets where name = %s)", (mine.name,))
    show.put(f"/datasets/{album('b.png').name}/pictures", {"directory": "."})
    wait_for_missing(show, mine.name, 1)
