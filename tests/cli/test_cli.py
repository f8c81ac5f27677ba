# SPDX-License-Identifier: MIT
"""The built binary: output, exit codes, and that the documents say what it does."""

import os
import re
import subprocess

import pytest

from program import SLOTD, TOP, known_keys, known_sections, named_under, slotd

HAPROXY = (os.environ.get("HAPROXY_26") or os.environ.get("HAPROXY")
           or str(TOP / "build-deps/haproxy-bookworm/usr/sbin/haproxy"))


@pytest.mark.parametrize("arguments, code, out, err", [
    ([], 2, "", "say what to do"),
    (["rum"], 2, "", 'no command or option "rum"'),
    (["--version"], 0, "slotd 0.1.0\n", ""),
    (["--help"], 0, "server slots", ""),
    (["plan", "--help"], 0, "--exit-code", ""),
    (["run", "--socket"], 2, "", "--socket"),
    (["run"], 2, "", "no HAProxy to work on"),
    (["plan", "-c", "/no/such/file"], 2, "", "/no/such/file: can't be read: No such file or directory"),
    (["plan", "--socket", "/no/such/socket"], 1, "", "socket /no/such/socket: can't connect"),
    (["run", "--once", "--socket", "/no/such/socket"], 1, "", "socket /no/such/socket: can't connect"),
    (["plan", "--commands-only", "--socket", "/a", "--socket", "/b"], 2, "", "name one with --socket"),
    (["plan", "--commands-only", "--socket", "/a", "--format", "json"], 2, "", "a JSON document holds more than commands"),
])
def test_what_is_wrong_is_said_on_standard_error_with_its_exit_code(arguments, code, out, err):
    said = slotd(*arguments)
    assert said.returncode == code, said
    assert (out in said.stdout) if out else said.stdout == ""
    assert (err in said.stderr) if err else said.stderr == ""


@pytest.mark.parametrize("arguments", [["slots", "web", "3"], ["--version"], ["--help"]])
def test_an_answer_that_can_not_be_written_is_a_failure(arguments):
    with open("/dev/full", "w") as full:
        said = subprocess.run([SLOTD, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, timeout=20)
    assert said.returncode == 1
    assert said.stderr == "slotd: the output can't be written\n"


def test_it_goes_on_when_the_reader_of_its_log_ends():
    with subprocess.Popen([SLOTD, "run", "--socket", "/no/such/socket"], stdin=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True) as running:
        assert "follows Consul" in running.stderr.readline()
        running.stderr.close()
        running.terminate()  # of which it tells in its log
        assert running.wait(20) == 0


def test_every_fault_of_a_configuration_file_is_said_with_its_place(tmp_path):
    path = tmp_path / "slotd.toml"
    path.write_text('[consul]\nadress = "x"\n[backend.web]\ndrain = 30\nkv = "/x"\n')
    said = slotd("run", "-c", str(path))
    assert said.returncode == 2
    places = re.findall(r"slotd\.toml:(\d+:\d+): (.*)", said.stderr)
    assert [place for place, _ in places] == ["4:9", "5:6", "2:1"], said.stderr
    assert "drain" in places[0][1] and "kv" in places[1][1] and "adress" in places[2][1]


def test_the_environment_names_consul(tmp_path):
    said = slotd("plan", "--socket", "/no/such/socket", CONSUL_HTTP_ADDR="ftp://x")
    assert said.returncode == 2
    assert 'CONSUL_HTTP_ADDR: "ftp://x" is no address of Consul' in said.stderr
    # Not 2, after which a service manager gives up: it may be there in a moment.
    said = slotd("plan", "--socket", "/no/such/socket", CONSUL_HTTP_TOKEN_FILE=str(tmp_path / "none"))
    assert said.returncode == 1
    assert f"{tmp_path}/none: the token file can't be read" in said.stderr
    said = slotd("plan", "--socket", "/no/such/socket", CONSUL_HTTP_ADDR="https://x",
                 CONSUL_HTTP_TOKEN_FILE=str(tmp_path / "none"), CONSUL_CACERT=str(tmp_path / "none"))
    assert said.returncode == 1 and said.stderr.count("can't be read") == 2
    said = slotd("plan", "--socket", "/no/such/socket", CONSUL_HTTP_ADDR="ftp://x",
                 CONSUL_HTTP_TOKEN_FILE=str(tmp_path / "none"))
    assert said.returncode == 2 and "the token file can't be read" in said.stderr


def haproxy_takes(tmp_path, line):
    config = tmp_path / "haproxy.cfg"
    config.write_text("defaults\n    mode http\n    timeout connect 1s\n    timeout client 1s\n    timeout server 1s\n"
                      f"frontend in\n    bind 127.0.0.1:20000\n    default_backend web\nbackend web\n{line}")
    checked = subprocess.run([HAPROXY, "-c", "-f", config], capture_output=True, text=True, timeout=20)
    return checked.returncode == 0 and "WARNING" not in checked.stderr, checked.stderr


@pytest.mark.parametrize("arguments, expected", [
    (["web", "20"], "s 1-20 web.service.slots.invalid:1 disabled"),
    (["web", "1", "--check"], "s 1-1 web.service.slots.invalid:1 check disabled"),
    (["my_Api", "5", "--tag", "v1.2", "--datacenter", "dc2"],
     "s 1-5 v1.2.my_Api.service.dc2.slots.invalid:1 disabled"),
    (["--kv", "BackendServers", "5", "--check"], "s 1-5 BackendServers.kv.slots.invalid:1 check disabled"),
])
def test_slots_prints_a_line_that_haproxy_takes(tmp_path, arguments, expected):
    said = slotd("slots", *arguments)
    assert said.returncode == 0
    assert said.stdout == f"    server-template {expected} init-addr last,127.0.0.1\n"
    taken, why = haproxy_takes(tmp_path, said.stdout)
    assert taken, why


HAND_OVER = 'hand the slots over in the configuration instead: [backend.NAME] with service = "..." and slots = "..."'
NO_HOST = "has a character that can't stand in a host name"


@pytest.mark.parametrize("arguments, why", [
    (["a b", "2"], f'the service "a b" {NO_HOST}'),
    (["web\n", "2"], f'the service "web\\x0a" {NO_HOST}'),
    (["x" * 64, "2"], f'the service "{"x" * 64}" is longer than 63 characters'),
    (["web", "2", "--tag", "a..b"], 'the tag "a..b" has an empty label'),
    (["web", "2", "--tag", "x y"], f'the tag "x y" {NO_HOST}'),
    (["web", "2", "--datacenter", "a.b"], f'the datacenter "a.b" {NO_HOST}'),
    (["prod.web", "2", "--datacenter", "dc2"], f'the service "prod.web" {NO_HOST}'),
    (["web", "2", "--tag", "a." * 120 + "b"],
     f"the host name {'a.' * 120}b.web.service.slots.invalid is longer than 253 characters"),
])
def test_slots_refuses_what_no_host_name_can_hold(arguments, why):
    said = slotd("slots", *arguments)
    assert (said.returncode, said.stdout, said.stderr) == (2, "", f"slotd: {why} ({HAND_OVER})\n")


@pytest.mark.parametrize("name, meant", [
    ("a.b", "b 20 --tag a"),
    ("prod.web", "web 20 --tag prod"), ("v1.2.web", "web 20 --tag v1.2"), ("prod.web.service", "web 20 --tag prod"),
    ("prod.web.service.dc2.slots.invalid", "web 20 --tag prod --datacenter dc2"),
    ("web.service.slots.invalid", "web 20")])
@pytest.mark.parametrize("check", [[], ["--check"]])
def test_slots_says_what_was_meant_by_a_name_with_dots(name, meant, check):
    said = slotd("slots", name, "20", *check)
    call = " ".join([meant, *check])
    assert (said.returncode, said.stdout) == (2, "")
    assert said.stderr == f'slotd: the service "{name}" {NO_HOST} (is that `slotd slots {call}`? Else {HAND_OVER})\n'
    assert slotd("slots", *call.split()).returncode == 0


@pytest.mark.parametrize("arguments, why", [
    (["a.b", "2"], 'the name "a.b" has a character that can\'t stand in a host name ([kv] gives keys their names'),
    (["List", "2", "--tag", "prod"], "--kv: slots of a KV list have no tag and no datacenter"),
    (["List", "2", "--datacenter", "dc2"], "--kv: slots of a KV list have no tag and no datacenter"),
])
def test_slots_of_a_kv_list_have_a_name_and_nothing_else(arguments, why):
    said = slotd("slots", "--kv", *arguments)
    assert (said.returncode, said.stdout) == (2, "")
    assert why in said.stderr


def test_the_example_configuration_is_taken_as_it_is_and_with_every_line_in_force(tmp_path):
    """Lines that are commented out for show are keys too."""
    text = (TOP / "examples/slotd.toml").read_text().replace("/run/haproxy/admin.sock", "/no/such/socket")
    token = tmp_path / "token"
    token.write_text("secret\n")
    every = re.sub(r"^# (\[backend|\[file|\w+ = )", r"\1", text, flags=re.MULTILINE).replace("/etc/slotd/consul.token",
                                                                                    str(token))
    assert every.count("\n# ") < text.count("\n# ") - 6
    for number, content in enumerate((text, every)):
        path = tmp_path / f"{number}.toml"
        path.write_text(content)
        said = slotd("plan", "-c", str(path))
        assert said.returncode == 1, said.stderr
        assert "socket /no/such/socket: can't connect" in said.stderr


def keys_of_the_example():
    text = (TOP / "examples/slotd.toml").read_text()
    return set(re.findall(r"^(?:# )?(\w+) = ", text, flags=re.MULTILINE))


def test_the_example_configuration_has_every_key():
    # What stands in [kv] are names.
    keys = set.union(*(known_keys(section) for section in known_sections() - {"kv"}))
    assert len(keys) > 15
    # `token` is named in the comment of token_file.
    assert keys_of_the_example() | {"token"} == keys | {"BackendServers"}


def sources():
    """The texts of all sources but the tables of facts."""
    return [path.read_text() for path in sorted((TOP / "src").rglob("*.cpp")) if path.name != "facts.cpp"]


def test_help_names_every_variable_that_the_sources_read_and_no_other():
    read = re.findall(r'environment_?\("(\w+)"\)|getenv\("(\w+)"\)|"(CONSUL_[A-Z_]+)"', "\n".join(sources()))
    assert {name for names in read for name in names if name} == named_under("Environment")


def test_help_names_every_signal_that_the_sources_catch_and_no_other():
    catching = "\n".join(text for text in sources() if "asio/signal_set.hpp" in text)
    assert set(re.findall(r"\bSIG[A-Z0-9]+\b", re.sub(r'"[^"\n]*"', "", catching))) == named_under("Signals")


def test_readme_names_every_option_and_no_other():
    readme = (TOP / "README.md").read_text()
    options = {name for command in named_under("Subcommands") for name in named_under("Options", command)
               if name.startswith("--")}
    options |= {"--version", "--help"}
    # What stands about images names the options of the engines that run them.
    slotd = re.sub(r"^## In a container\n.*?(?=^## )", "", readme, flags=re.MULTILINE | re.DOTALL)
    named = set(re.findall(r"(?<![\w-])--[a-z][\w-]*", slotd)) - {"--buildtype", "--unix-socket"}
    assert named == options
    codes = re.search(r"^Exit codes: .*?(?=\n\n)", readme, flags=re.MULTILINE | re.DOTALL)[0]
    assert set(re.findall(r"\b\d+\b", codes)) == named_under("Exit codes")
    for variable in named_under("Environment"):
        assert variable in readme


def test_a_state_dir_or_address_that_can_not_be_used_ends_run_at_its_start(tmp_path):
    path = tmp_path / "slotd.toml"
    start = ["run", "--socket", "/no/such/socket", "-c", str(path)]
    # 2 is for what only a person mends; after 1 a service manager tries again.
    for code, admin, error in [
        (1, f'state_dir = "{tmp_path}/none"', f'state_dir "{tmp_path}/none": slotd can\'t keep files here: No such file'),
        (2, f'state_dir = "{path}"', f'state_dir "{path}": slotd can\'t keep files here: it is no folder'),
        (1, f'listen = ["unix:{tmp_path}/none/s"]', f'listen "unix:{tmp_path}/none/s": can\'t listen: No such file'),
        (2, f'listen = ["unix:{path}"]', f'listen "unix:{path}": there is a file that is no socket'),
    ]:
        path.write_text(f"[admin]\n{admin}\n")
        said = slotd(*start)
        assert said.returncode == code
        assert f"slotd: [admin] {error}" in said.stderr
