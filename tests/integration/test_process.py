"""The process: how it starts, what signals do to it, and how it ends."""


def test_a_socket_on_which_another_process_listens_is_left_alone(own_site, pgcoco):
    client = own_site("--threads", "4")
    second = pgcoco("--socket", client.site.socket)
    assert second.returncode == 1
    assert f"{client.site.socket}: another process listens there" in second.stderr.decode()
    assert client.get("/healthz").status == 200


def test_a_file_in_the_place_of_the_socket_is_left_alone(pgcoco, home):
    file = home.write("no_socket", "precious")
    done = pgcoco("--socket", file)
    assert done.returncode == 1
    assert "it exists and is not a socket" in done.stderr.decode()
    assert file.read_text() == "precious"
