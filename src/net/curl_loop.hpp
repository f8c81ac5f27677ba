// SPDX-License-Identifier: MIT
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/error_code.hpp>
#include <asio/steady_timer.hpp>
#include <curl/curl.h>

#include <functional>
#include <map>
#include <memory>
#include <vector>

namespace slotd::net {

class CurlLoop;

/// One transfer. Leaving the coroutine that holds it ends it, by whichever way.
class Transfer {
  public:
    /// `on_coming` is called once, when the response may have begun to arrive, before curl reads
    /// it. It uses neither curl nor the loop's transfers.
    Transfer(CurlLoop& loop, CURL* easy, const std::function<void()>& on_coming);
    ~Transfer();
    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;

    CURL* easy() const { return easy_; }
    CURLcode code() const { return code_; }
    /// Why the loop could not watch its connection, if it could not: `code` says nothing then.
    const asio::error_code& unwatched() const { return unwatched_; }

  private:
    friend class CurlLoop;

    void end(CURLcode code);

    CurlLoop& loop_;
    CURL* easy_;
    asio::steady_timer done_;  ///< never runs out; cancelled when curl is done
    const std::function<void()>& on_coming_;
    bool announced_ = false;
    bool added_ = false;
    bool finished_ = false;  ///< by curl, or unwatched
    CURLcode code_ = CURLE_OK;
    asio::error_code unwatched_;
};

/// A curl multi handle driven by the asio loop. Idle it costs nothing.
class CurlLoop {
  public:
    explicit CurlLoop(asio::any_io_executor executor);
    ~CurlLoop();
    CurlLoop(const CurlLoop&) = delete;
    CurlLoop& operator=(const CurlLoop&) = delete;

    CURLM* multi() const { return multi_; }
    asio::any_io_executor executor() const { return executor_; }
    std::size_t running() const { return running_; }

    /// Returns when the transfer is done, `code` says how.
    asio::awaitable<void> perform(Transfer& transfer);

    /// Curl lets go of the handles of finished transfers: before one is used anew, or cleaned up.
    /// Not as they finish: an answer that has just come is more urgent.
    void take_out_finished();

  private:
    friend class Transfer;
    struct Watch;

    // Curl's frames can't be unwound, and it does not stand a callback that fails.
    void on_socket(CURL* easy, curl_socket_t socket, int what) noexcept;
    void on_timer(long milliseconds) noexcept;
    void arm(curl_socket_t socket, const std::shared_ptr<Watch>& watch);
    void arm_one(curl_socket_t socket, const std::shared_ptr<Watch>& watch, int event);
    static void announce(Transfer& transfer);
    void forget(const Transfer& transfer);
    void action(curl_socket_t socket, int events);

    asio::any_io_executor executor_;
    std::shared_ptr<asio::steady_timer> timer_;
    CURLM* multi_;
    std::map<curl_socket_t, std::shared_ptr<Watch>> watches_;
    std::size_t running_ = 0;
    std::vector<CURL*> finished_;  ///< still curl's
};

}  // namespace slotd::net
