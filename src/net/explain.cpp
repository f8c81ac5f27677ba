// SPDX-License-Identifier: MIT
#include "explain.hpp"

#include <cerrno>
#include <string_view>
#include <system_error>

// curl's words are those of 7.88 to 8.x, the alerts are OpenSSL's.

namespace slotd::net {
namespace {

using model::Error;
using model::ErrorKind;

constexpr std::string_view connections = "limits.http_max_conns_per_client (200) may be used up";

/// What is wrong and what to do.
struct Words {
    std::string what;
    std::string hint;
};

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

// "SSL certificate problem: unable to get local issuer certificate" -> what stands behind the
// colon.
std::string after_colon(const std::string& text) {
    const auto colon = text.find(": ");
    return colon == std::string::npos ? text : text.substr(colon + 2);
}

Words about_client_certificate(const TlsOptions& tls, bool is_sure) {
    const std::string unsure =
        is_sure ? "" : "; if that is so already, the agent's " + std::string(connections);
    if (tls.client_cert.empty())
        return {
            is_sure ? "the agent demands a client certificate"
                    : "the agent ends the connection as soon as it stands",
            "it seems to demand a client certificate (verify_incoming): give it client_cert and "
            "client_key, or CONSUL_CLIENT_CERT and CONSUL_CLIENT_KEY" +
                unsure};
    return {is_sure ? "the agent refuses the client certificate"
                    : "the agent ends the connection as soon as it stands",
            "an authority of the agent's ca_file must have signed " + tls.client_cert +
                ", and its time must not be over" + unsure};
}

Words about_certificate(const Failure& failure, const TlsOptions& tls) {
    if (contains(failure.text, "has expired"))
        return {"the agent's certificate has expired, or that of its authority",
                "renew it; `openssl x509 -noout -dates -in FILE` tells the time of each"};
    if (contains(failure.text, "not yet valid"))
        return {"the agent's certificate is not valid yet, or that of its authority",
                "are the clocks right, here and where it was made?"};
    if (contains(failure.text, "subject name")) {
        const std::string name =
            tls.server_name.empty() ? "the address" : "tls_server_name " + tls.server_name;
        return {"the agent's certificate is for another name than " + name,
                "say the name in the certificate as tls_server_name or CONSUL_TLS_SERVER_NAME; "
                "`openssl x509 -noout -ext subjectAltName -in FILE` tells it"};
    }
    const std::string& trusted = tls.ca_file.empty() ? tls.ca_path : tls.ca_file;
    return {"the agent's certificate is not trusted: " + after_colon(failure.text),
            trusted.empty() ? "no authority of this system signed it: name the one that did as "
                              "ca_file or CONSUL_CACERT"
                            : "no authority in " + trusted +
                                  " signed it: ca_file or CONSUL_CACERT names the one that did"};
}

// Without a client certificate that it wants the agent ends the connection: with an alert that
// over TLS 1.3 comes after the handshake, and that curl does not always get to read.
Words about_broken_tls(const Failure& failure, const TlsOptions& tls) {
    if (contains(failure.text, "wrong version number") ||
        contains(failure.text, "packet length too long") || contains(failure.text, "http request"))
        return {"this port does not speak TLS",
                "write http:// instead of https:// (is CONSUL_HTTP_SSL set?), or the port of the "
                "agent's ports.https"};
    if (contains(failure.text, "alert bad certificate") ||
        contains(failure.text, "certificate required") ||
        contains(failure.text, "alert unknown ca") || contains(failure.text, "alert certificate "))
        return about_client_certificate(tls, true);
    if (contains(failure.text, " alert "))
        return {"the agent refuses TLS as slotd speaks it: " + after_colon(failure.text), {}};
    if (!failure.ever_answered && failure.code != CURLE_SSL_CONNECT_ERROR)
        return about_client_certificate(tls, false);
    return {failure.text, "if others reach the agent, its " + std::string(connections)};
}

Words about_socket(const Failure& failure) {
    const std::string why =
        "can't connect: " + std::generic_category().message(failure.system_error);
    switch (failure.system_error) {
        case EACCES:
            return {why,
                    "slotd's user may not open the socket: see user, group and mode of "
                    "unix_sockets in the agent's configuration"};
        case ECONNREFUSED:
            return {why, "nobody listens on this socket file: the agent may have stopped"};
        default:
            return {why, "is the agent running, with unix:// and this path in its addresses.http?"};
    }
}

Words words_for(const Failure& failure, const HttpOptions& options) {
    const bool is_tls = options.is_tls();
    switch (failure.code) {
        case CURLE_COULDNT_CONNECT:
            if (options.is_unix() && failure.system_error != 0)
                return about_socket(failure);
            return {failure.text, "is the agent running, and is this its HTTP address?"};
        case CURLE_COULDNT_RESOLVE_HOST:
            return {failure.text,
                    "the host name is not known: see consul.address or CONSUL_HTTP_ADDR"};
        case CURLE_GOT_NOTHING:
        case CURLE_RECV_ERROR:
        case CURLE_SEND_ERROR:
        case CURLE_SSL_CONNECT_ERROR:
        case CURLE_HTTP2:  // what is first sent on a connection that ends as soon as it stands
            if (is_tls)
                return about_broken_tls(failure, options.tls);
            return {failure.text, "if others reach the agent, its " + std::string(connections)};
        case CURLE_PEER_FAILED_VERIFICATION:
            return about_certificate(failure, options.tls);
        case CURLE_SSL_CERTPROBLEM:
            return {"the client certificate can't be used: " + failure.text,
                    "client_cert and client_key are PEM files of one pair, the key without a "
                    "passphrase"};
        case CURLE_SSL_CACERT_BADFILE:
            return {"the authorities can't be read: " + failure.text,
                    "ca_file is a PEM file of certificates"};
        default:
            return {failure.text, {}};
    }
}

}  // namespace

Error explain(const Failure& failure, const HttpOptions& options) {
    Words words = words_for(failure, options);
    return Error(ErrorKind::unreachable, std::move(words.what), options.base,
                 std::move(words.hint));
}

}  // namespace slotd::net
