// SPDX-License-Identifier: MIT
#include "slotd/haproxy/config_file.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace slotd;
using haproxy::config_words;
using Lines = std::vector<std::string>;

namespace {

haproxy::ConfigFile read(const std::string& text) {
    return haproxy::parse_config_files({{"h.cfg", text}});
}

/// "web h.cfg:4 s 1-20 init-addr=last,127.0.0.1"
Lines servers_of(const haproxy::ConfigFile& config) {
    Lines lines;
    for (const haproxy::ProxySection& proxy : config.proxies)
        for (const haproxy::ServerLine& server : proxy.servers)
            lines.push_back(proxy.name + " " + to_string(server.at) + " " + server.name +
                            (server.last > 0 ? " " + std::to_string(server.first) + "-" +
                                                   std::to_string(server.last)
                                             : "") +
                            (server.init_addr.empty() ? "" : " init-addr=" + server.init_addr) +
                            (server.resolvers.empty() ? "" : " resolvers=" + server.resolvers) +
                            (server.track.empty() ? "" : " track=" + server.track) +
                            (server.cookie.empty() ? "" : " cookie=" + server.cookie));
    return lines;
}

}  // namespace

TEST_SUITE("haproxy.cfg") {
    TEST_CASE("words end at blanks and comments, and lose quotes and escapes") {
        CHECK(config_words("  server  s1\ta:1 # off") == Lines{"server", "s1", "a:1"});
        CHECK(config_words(R"(a "b c" 'd "e' f\ g h\#i j"k"l "")") ==
              Lines{"a", "b c", "d \"e", "f g", "h#i", "jkl", ""});
        CHECK(config_words(R"("a \" # b" 'c\')") == Lines{"a \" # b", "c\\"});
        CHECK(config_words("").empty());
        CHECK(config_words("# all of it").empty());
        CHECK(config_words("\"open") == Lines{"open"});
        CHECK(config_words("end\\") == Lines{"end\\"});
    }

    TEST_CASE("of global, the state file and the sockets are read") {
        const haproxy::ConfigFile config = read(
            "global\n"
            "    stats socket /run/a.sock mode 660 level admin expose-fd listeners\n"
            "    stats socket ipv4@127.0.0.1:9999 level user\n"
            "    server-state-base /var/lib/haproxy/\n"
            "    server-state-file state\n"
            "frontend in\n"
            "    stats socket /no level admin\n");
        CHECK(config.state_file == "state");
        CHECK(config.state_base == "/var/lib/haproxy/");
        REQUIRE(config.sockets.size() == 2);
        CHECK(config.sockets[0].address == "/run/a.sock");
        CHECK(config.sockets[0].exposes_listeners);
        CHECK(to_string(config.sockets[0].at) == "h.cfg:2");
        CHECK(config.sockets[1].address == "ipv4@127.0.0.1:9999");
        CHECK_FALSE(config.sockets[1].exposes_listeners);
    }

    TEST_CASE("server lines have what stands on them, over default-server, over defaults") {
        CHECK(
            servers_of(read("defaults\n"
                            "    default-server init-addr none check\n"
                            "backend web\n"
                            "    server-template s 1-20 web.service.slots.invalid:1 check disabled "
                            "init-addr last,127.0.0.1\n"
                            "    server old 10.0.0.1:80\n"
                            "    default-server resolvers dns\n"
                            "    server named app.local:80 track other/s1 cookie c1\n"
                            "listen api\n"
                            "    server-template t 3 slots.invalid:1 init-addr last,127.0.0.1\n"
                            "cache c\n"
                            "    server x 10.0.0.1:1\n")) ==
            Lines{"web h.cfg:4 s 1-20 init-addr=last,127.0.0.1", "web h.cfg:5 old init-addr=none",
                  "web h.cfg:7 named init-addr=none resolvers=dns track=other/s1 cookie=c1",
                  "api h.cfg:9 t 1-3 init-addr=last,127.0.0.1"});
    }

    TEST_CASE("a section starts from the defaults above it, or from those it names") {
        const haproxy::ConfigFile config = read(
            "defaults one\n"
            "    load-server-state-from-file global\n"
            "    hash-type consistent sdbm\n"
            "backend a\n"
            "defaults two from one\n"
            "    load-server-state-from-file none\n"
            "backend b\n"
            "defaults\n"
            "backend c\n"
            "    load-server-state-from-file local\n"
            "backend d from one\n");
        REQUIRE(config.proxies.size() == 4);
        Lines lines;
        for (const haproxy::ProxySection& proxy : config.proxies)
            lines.push_back(proxy.name + " " + proxy.load_state + " " + proxy.hash_type);
        CHECK(lines ==
              Lines{"a global consistent", "b  consistent", "c local ", "d global consistent"});
        CHECK(config.proxy("b") == &config.proxies[1]);
        CHECK(config.proxy("x") == nullptr);
    }

    TEST_CASE("of a section, the algorithm and the cookie are read") {
        const haproxy::ConfigFile config = read(
            "defaults\n"
            "    balance leastconn\n"
            "    cookie SRV insert\n"
            "backend a\n"
            "backend b\n"
            "    balance hdr(host)\n"
            "    cookie X insert dynamic\n"
            "backend c\n"
            "    balance url_param id check_post\n");
        Lines lines;
        for (const haproxy::ProxySection& proxy : config.proxies)
            lines.push_back(proxy.name + " " + proxy.balance + " " + proxy.cookie);
        CHECK(lines == Lines{"a leastconn SRV", "b hdr X", "c url_param SRV"});
    }

    TEST_CASE("the path of the state file is what the section and global say together") {
        const auto path = [](const std::string& global, const std::string& section) {
            const haproxy::ConfigFile config =
                read("global\n" + global + "\nbackend web\n" + section + "\n");
            return config.state_path(config.proxies.front());
        };
        const std::string load = "load-server-state-from-file ";
        CHECK(path("server-state-file /var/state", load + "global") == "/var/state");
        CHECK(path("server-state-file /var/state", "").empty());
        CHECK(path("server-state-file /var/state", load + "none").empty());
        CHECK(path("", load + "global").empty());
        CHECK(path("server-state-base /var\nserver-state-file state", load + "global") ==
              "/var/state");
        CHECK(path("server-state-base /var/", load + "local") == "/var/web");
        CHECK(path("server-state-base /var", load + "local\nserver-state-file-name x") == "/var/x");
        CHECK(path("", load + "local\nserver-state-file-name /x") == "/x");
    }

    TEST_CASE("several files are one configuration, but a section ends with its file") {
        const haproxy::ConfigFile config = haproxy::parse_config_files(
            {{"1.cfg", "defaults\n    default-server init-addr none\nbackend a\n"},
             {"2.cfg", "    server lost 10.0.0.1:1\nbackend b\n    server s 10.0.0.1:1\n"}});
        CHECK(servers_of(config) == Lines{"b 2.cfg:3 s init-addr=none"});
    }

    TEST_CASE("a line makes the server of its name, a template those of its range") {
        const haproxy::ConfigFile config =
            read("backend web\n    server one a:1\n    server-template s 3-12 a:1\n");
        const haproxy::ServerLine& one = config.proxies[0].servers[0];
        const haproxy::ServerLine& template_line = config.proxies[0].servers[1];
        CHECK(one.makes("one"));
        CHECK_FALSE(one.makes("one1"));
        for (const char* name : {"s3", "s9", "s12"}) CHECK(template_line.makes(name));
        for (const char* name : {"s", "s2", "s13", "s03", "s3x", "t3", "s-3"})
            CHECK_FALSE(template_line.makes(name));
    }
}
