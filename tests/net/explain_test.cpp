// SPDX-License-Identifier: MIT
// What curl said as it was seen: libcurl 7.88 with OpenSSL 3.0 against Consul 1.8.7, over TLS 1.3
// where nothing else is said. What can be had of a real Consul at will is in
// tests/live/test_tls.py.
#include "explain.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <string>

using namespace slotd;
using net::explain;
using net::Failure;

namespace {

const std::string https = "https://consul:8501: ";

struct Over {
    net::HttpOptions options;

    explicit Over(const std::string& base) { options.base = base; }
    Over& with_client() {
        options.tls.client_cert = "/etc/client.pem";
        options.tls.client_key = "/etc/client-key.pem";
        return *this;
    }

    std::string text(CURLcode code, const std::string& said, int system_error = 0,
                     bool ever_answered = false) const {
        Failure failure(code, said);
        failure.system_error = system_error;
        failure.ever_answered = ever_answered;
        return to_string(explain(failure, options));
    }
};

const std::string give_it =
    "(it seems to demand a client certificate (verify_incoming): give it client_cert and "
    "client_key, or CONSUL_CLIENT_CERT and CONSUL_CLIENT_KEY";
const std::string sign_it =
    "(an authority of the agent's ca_file must have signed /etc/client.pem, and its time must not "
    "be over";
const std::string or_limit =
    "; if that is so already, the agent's limits.http_max_conns_per_client (200) may be used up)";
const std::string limit =
    " (if others reach the agent, its limits.http_max_conns_per_client (200) may be used up)";

}  // namespace

TEST_SUITE("explain") {
    TEST_CASE("a client certificate that is missing or refused, with the alert and without") {
        const Over without("https://consul:8501");
        const Over with = Over("https://consul:8501").with_client();
        const std::string tls12 =
            "OpenSSL/3.0.22: error:0A000412:SSL routines::sslv3 alert bad certificate";
        const std::string alert = "OpenSSL SSL_read: " + tls12 + ", errno 0";
        const std::string newer =
            "OpenSSL SSL_read: OpenSSL/3.0.22: error:0A00045C:SSL routines::tlsv13 alert "
            "certificate "
            "required, errno 0";
        CHECK(without.text(CURLE_SSL_CONNECT_ERROR, tls12) ==
              https + "the agent demands a client certificate " + give_it + ")");
        for (const std::string& said : {alert, newer}) {
            CHECK(without.text(CURLE_RECV_ERROR, said) ==
                  https + "the agent demands a client certificate " + give_it + ")");
            CHECK(with.text(CURLE_RECV_ERROR, said, 0, true) ==
                  https + "the agent refuses the client certificate " + sign_it + ")");
        }
        CHECK(
            with.text(CURLE_RECV_ERROR,
                      "OpenSSL SSL_read: OpenSSL/3.0.22: error:0A000418:SSL routines::tlsv1 alert "
                      "unknown ca, errno 0") ==
            https + "the agent refuses the client certificate " + sign_it + ")");

        const std::string ends = https + "the agent ends the connection as soon as it stands ";
        CHECK(without.text(
                  CURLE_SEND_ERROR,
                  "getpeername() failed with errno 107: Transport endpoint is not connected") ==
              ends + give_it + or_limit);
        CHECK(with.text(CURLE_HTTP2, "Send failure: Connection reset by peer") ==
              ends + sign_it + or_limit);
        CHECK(without.text(CURLE_GOT_NOTHING, "Empty reply from server") ==
              ends + give_it + or_limit);
    }

    TEST_CASE(
        "a connection that breaks after the agent has answered is no matter of certificates") {
        const Over over("https://consul:8501");
        const std::string said = "OpenSSL SSL_read: Connection reset by peer, errno 104";
        CHECK(over.text(CURLE_RECV_ERROR, said, 0, true) == https + said + limit);
        CHECK(over.text(CURLE_SSL_CONNECT_ERROR, "OpenSSL SSL_connect: SSL_ERROR_SYSCALL") ==
              https + "OpenSSL SSL_connect: SSL_ERROR_SYSCALL" + limit);
        const Over plain("http://consul:8500");
        CHECK(plain.text(CURLE_RECV_ERROR, "Recv failure: Connection reset by peer") ==
              "http://consul:8500: Recv failure: Connection reset by peer" + limit);
    }

    TEST_CASE("TLS that is not understood") {
        const Over over("https://consul:8501");
        const std::string no_tls =
            https +
            "this port does not speak TLS (write http:// instead of https:// (is "
            "CONSUL_HTTP_SSL set?), or the port of the agent's ports.https)";
        CHECK(over.text(CURLE_SSL_CONNECT_ERROR,
                        "OpenSSL/3.0.22: error:0A00010B:SSL routines::wrong version number") ==
              no_tls);
        CHECK(over.text(CURLE_SSL_CONNECT_ERROR,
                        "TLS connect error: error:0A0000C6:SSL routines::packet length too long") ==
              no_tls);
        CHECK(over.text(
                  CURLE_SSL_CONNECT_ERROR,
                  "OpenSSL/3.0.22: error:0A00042E:SSL routines::tlsv1 alert protocol version") ==
              https +
                  "the agent refuses TLS as slotd speaks it: error:0A00042E:SSL "
                  "routines::tlsv1 alert protocol version");
    }

    TEST_CASE("a certificate whose time has not come") {
        CHECK(Over("https://consul:8501")
                  .text(CURLE_PEER_FAILED_VERIFICATION,
                        "SSL certificate problem: certificate is not yet valid") ==
              https +
                  "the agent's certificate is not valid yet, or that of its authority (are the "
                  "clocks right, here and where it was made?)");
    }

    TEST_CASE("a certificate that signed itself, in an authority's folder") {
        Over over("https://consul:8501");
        over.options.tls.ca_path = "/etc/ca";
        CHECK(over.text(CURLE_PEER_FAILED_VERIFICATION,
                        "SSL certificate problem: self-signed certificate") ==
              https +
                  "the agent's certificate is not trusted: self-signed certificate (no authority "
                  "in /etc/ca signed it: ca_file or CONSUL_CACERT names the one that did)");
    }

    TEST_CASE("a UNIX socket that may not be opened") {
        CHECK(
            Over("unix:///run/consul.sock")
                .text(CURLE_COULDNT_CONNECT, "Failed to connect to localhost port 80", EACCES) ==
            "unix:///run/consul.sock: can't connect: Permission denied (slotd's user may not open "
            "the socket: see user, group and mode of unix_sockets in the agent's configuration)");
    }
}
