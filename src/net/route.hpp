// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/net/http.hpp"

#include <curl/curl.h>

#include <memory>
#include <string>

namespace slotd::net {

/// The way to the server: over TCP, with TLS or without, or over a UNIX socket.
class Route {
  public:
    explicit Route(const HttpOptions& options);

    /// What a request's target is put behind. With a server name of its own that stands in it, for
    /// SNI and for the certificate, while the connection goes to the base's host.
    const std::string& url_base() const { return url_base_; }
    /// "Host: ..." where the URL would say another one; else empty.
    const std::string& host_line() const { return host_line_; }

    /// All but the URL, on a handle that was reset. The route outlives the transfer.
    void set_up(CURL* easy) const;

  private:
    void take_server_name();
    void set_up_tls(CURL* easy) const;

    TlsOptions options_;
    std::string auth_;
    std::string url_base_;
    std::string unix_path_;
    std::string host_line_;
    bool tls_;
    std::unique_ptr<curl_slist, void (*)(curl_slist*)> connect_to_;
};

}  // namespace slotd::net
