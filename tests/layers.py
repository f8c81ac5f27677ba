#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Who may use whom: reads every #include under src/ and include/, and each layer's meson.build.

The linker sees a forbidden call, but not a forbidden type; this sees both. `layers.py [TOP]` prints what is wrong and
how many files it read; `layers.py --self-test` shows that it finds each kind of fault.
"""

import pathlib
import re
import sys
import tempfile

# A layer: the layers (or single public headers) it may use, and the third-party libraries.
MAY_USE = {
    "model": ([], []),
    "net": (["model"], ["asio", "curl"]),
    "plan": (["model"], []),
    "catalog": (["model", "net"], ["asio", "simdjson"]),
    "haproxy": (["model", "net"], ["asio"]),
    "sync": (["model", "net/socket_address.hpp", "net/spawn.hpp", "plan", "catalog", "haproxy"], ["asio", "spdlog"]),
    "admin": (["model", "net", "sync/events.hpp", "sync/log.hpp", "sync/metrics.hpp", "sync/pauses.hpp",
               "sync/status.hpp"], ["asio"]),
    "file": (["model", "net/socket_address.hpp", "net/spawn.hpp", "net/stream.hpp", "catalog", "haproxy", "sync/clock.hpp",
              "sync/events.hpp", "sync/file.hpp", "sync/log.hpp", "sync/repeats.hpp", "sync/status.hpp", "sync/subscriptions.hpp"],
             ["asio", "kainjow", "nlohmann"]),
    "app": (["model", "net", "plan", "catalog", "haproxy", "sync", "admin", "file"],
            ["asio", "spdlog", "toml++", "CLI", "nlohmann"]),
}
# What stands in a meson.build for a library. asio comes with net_dep, which everybody who may use it has.
DEPENDENCY = {"asio": "asio_dep", "curl": "curl_dep", "simdjson": "json_reader_dep", "spdlog": "log_dep",
              "toml++": "toml_dep", "CLI": "cli_dep", "nlohmann": "json_writer_dep", "kainjow": "template_dep"}
# Every other angle include with a dot or a slash is a library nobody listed.
SYSTEM = re.compile(r"(sys|netinet|arpa|linux)/\w+\.h|\w+|(dirent|errno|fcntl|grp|malloc|netdb|poll|sched|signal|spawn|strings|syslog|unistd)\.h")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


def library(header):
    """The third-party library of <header>, or None when it belongs to the system."""
    if SYSTEM.fullmatch(header):
        return None
    return re.split(r"[/.]", header, maxsplit=1)[0]


def own_header_fault(top, layer, path, header):
    if not header.startswith("slotd/"):
        public = top / "include/slotd" in path.parents
        found = not public and any((base / header).is_file() and (top / "src" / layer) in (base / header).resolve().parents
                                   for base in (path.parent, top / "src" / layer))
        return None if found else f'"{header}" is no header of {layer} itself, nor a public one ("slotd/...")'
    _, other, *rest = header.split("/")
    if other == layer or other in MAY_USE[layer][0] or "/".join([other, *rest]) in MAY_USE[layer][0]:
        return None
    return f"{layer} may not use {other}"


def third_party_fault(top, layer, path, header):
    name = library(header)
    if name is None:
        return None
    if name not in DEPENDENCY:
        return f"<{header}> is of a library that layers.py does not know"
    if name not in MAY_USE[layer][1]:
        return f"{layer} may not use {name}"
    # A public header would hand the library on to every layer above.
    if top / "include" in path.parents and name != "asio":
        return f"a public header may not use {name}"
    return None


def without_comments(text):
    return re.sub(r"//[^\n]*|/\*.*?\*/", "", text, flags=re.DOTALL)


def source_faults(top, layer, path):
    text = path.read_text()
    for kind, header in INCLUDE.findall(text):
        check = own_header_fault if kind == '"' else third_party_fault
        fault = check(top, layer, path, header)
        if fault:
            yield f"{path.relative_to(top)}: {fault}"
    if re.search(r"\bdetached\b", without_comments(text)):
        yield f"{path.relative_to(top)}: `detached` drops an escaped exception; net/spawn starts coroutines"


def meson_faults(top, layer, path):
    where = path.relative_to(top)
    text = re.sub(r"#[^\n]*", "", path.read_text())
    layers, libraries = MAY_USE[layer]
    allowed = {f"{name.split('/')[0]}_dep" for name in layers}
    allowed |= {DEPENDENCY[name] for name in libraries if name != "asio" or layer == "net"}
    found = re.search(r"static_library\((.*?)\n\s*dependencies:\s*\[(.*?)\]", text, re.DOTALL)
    if not found:
        yield f"{where}: no static_library with dependencies: [...]"
        return
    named = set(re.findall(r"\w+", found[2]))
    for name in sorted(named - allowed):
        yield f"{where}: {layer} may not have {name}"
    # app may use everything and names what it does use; the others name all they may.
    for name in sorted(allowed - named) if layer != "app" else ():
        yield f"{where}: {layer} lacks {name}"
    if "implicit_include_directories: false" not in found[1]:
        yield f"{where}: {layer} lacks implicit_include_directories: false"
    handed_on = re.search(r"declare_dependency\(.*?dependencies:\s*\[(.*?)\]", text, re.DOTALL)
    for name in sorted(set(re.findall(r"\w+", handed_on[1] if handed_on else "")) - allowed):
        yield f"{where}: {layer}_dep may not hand on {name}"


def faults(top):
    """Every fault under `top`, and how many files were read."""
    found, read = [], 0
    for base in (top / "src", top / "include/slotd"):
        for path in sorted(base.rglob("*")):
            parts = path.relative_to(base).parts
            if path.suffix not in (".cpp", ".hpp", ".h") and not (path.name == "meson.build" and len(parts) == 2):
                continue
            read += 1
            if len(parts) < 2 or parts[0] not in MAY_USE:
                found.append(f"{path.relative_to(top)}: belongs to no layer")
            elif path.name == "meson.build":
                found += meson_faults(top, parts[0], path)
            else:
                found += source_faults(top, parts[0], path)
    return found, read


GOOD = {
    "src/model/meson.build": "static_library('m',\n  implicit_include_directories: false,\n  dependencies: [])\n",
    "src/plan/meson.build": "static_library('p',\n  implicit_include_directories: false,\n"
                            "  dependencies: [model_dep])\nx = declare_dependency(dependencies: [model_dep])\n",
    "src/plan/a.cpp": '#include "a.hpp"\n#include "slotd/model/x.hpp"\n#include <vector>\n// detached\n',
    "src/plan/a.hpp": "#include <arpa/inet.h>\n",
    "src/net/b.cpp": "#include <asio/co_spawn.hpp>\n#include <curl/curl.h>\n",
    "include/slotd/net/b.hpp": '#include "slotd/model/x.hpp"\n#include <asio/awaitable.hpp>\n',
}
BAD = [
    ("src/plan/b.cpp", '#include "slotd/haproxy/state.hpp"\n', "plan may not use haproxy"),
    ("src/catalog/b.cpp", '#  include "slotd/haproxy/state.hpp"\n', "catalog may not use haproxy"),
    ("src/model/b.cpp", "#include <asio/awaitable.hpp>\n", "model may not use asio"),
    ("src/plan/b.cpp", "#include <asio.hpp>\n", "plan may not use asio"),
    ("src/sync/b.cpp", "#include <curl/curl.h>\n", "sync may not use curl"),
    ("src/sync/b.cpp", "#include <simdjson.h>\n", "sync may not use simdjson"),
    ("src/sync/b.cpp", '#include "slotd/net/http.hpp"\n', "sync may not use net"),
    ("src/sync/b.cpp", "#include <toml++/toml.h>\n", "sync may not use toml++"),
    ("src/haproxy/b.cpp", "#include <spdlog/spdlog.h>\n", "haproxy may not use spdlog"),
    ("src/admin/b.cpp", '#include "slotd/sync/driver.hpp"\n', "admin may not use sync"),
    ("src/app/b.cpp", "#include <boost/asio.hpp>\n", "a library that layers.py does not know"),
    ("src/app/b.cpp", '#include "../plan/a.hpp"\n', "is no header of app itself"),
    ("src/net/b.cpp", "co_spawn(e, f(), asio::detached);\n", "`detached` drops"),
    ("include/slotd/net/c.hpp", "#include <curl/curl.h>\n", "a public header may not use curl"),
    ("include/slotd/plan/c.hpp", '#include "a.hpp"\n', "is no header of plan itself"),
    ("src/other/b.cpp", "", "belongs to no layer"),
    ("src/plan/meson.build", GOOD["src/plan/meson.build"].replace("[model_dep])\nx", "[model_dep, net_dep])\nx"),
     "plan may not have net_dep"),
    ("src/plan/meson.build", GOOD["src/plan/meson.build"].replace("[model_dep])\nx", "[])\nx"), "plan lacks model_dep"),
    ("src/plan/meson.build", GOOD["src/plan/meson.build"].replace("s: [model_dep])\n", "s: [model_dep, asio_dep])\n"),
     "may not ha"),
    ("src/plan/meson.build", GOOD["src/plan/meson.build"].replace("  implicit_include_directories: false,\n", ""),
     "lacks implicit_include_directories"),
    ("src/plan/meson.build", "x = 1\n", "no static_library"),
]


def self_test():
    """Each kind of fault is found, alone, and a tree without one is clean."""
    wrong = []
    for name, text, wanted in [("", "", ""), *BAD]:
        with tempfile.TemporaryDirectory() as folder:
            top = pathlib.Path(folder).resolve()
            for path, content in {**GOOD, **({name: text} if name else {})}.items():
                (top / path).parent.mkdir(parents=True, exist_ok=True)
                (top / path).write_text(content)
            found, _ = faults(top)
        if bool(found) != bool(wanted) or any(wanted not in one for one in found):
            wrong.append(f"self-test: {name} {text!r}: wanted {wanted!r}, found {found}")
    return wrong, 1 + len(BAD)


def main():
    if sys.argv[1:] == ["--self-test"]:
        found, read = self_test()
        said = f"layers: {read} cases, {len(found)} wrong"
    else:
        found, read = faults(pathlib.Path(sys.argv[1] if sys.argv[1:] else pathlib.Path(__file__).parents[1]).resolve())
        said = f"layers: {read} files, {len(found)} faults"
    print(*found, said, sep="\n")
    return 1 if found or not read else 0


if __name__ == "__main__":
    sys.exit(main())
