// SPDX-License-Identifier: MIT
#include "curl_loop.hpp"

#include <asio/error.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/redirect_error.hpp>
#include <asio/system_error.hpp>
#include <asio/use_awaitable.hpp>

#include <chrono>
#include <new>
#include <utility>

namespace slotd::net {
namespace {

Transfer* transfer_of(CURL* easy) {
    Transfer* transfer = nullptr;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
    return transfer;
}

}  // namespace

Transfer::Transfer(CurlLoop& loop, CURL* easy, const std::function<void()>& on_coming)
    : loop_(loop),
      easy_(easy),
      done_(loop.executor(), asio::steady_timer::time_point::max()),
      on_coming_(on_coming) {
    curl_easy_setopt(easy_, CURLOPT_PRIVATE, this);
}

Transfer::~Transfer() {
    // Curl may look at both once more when it lets go of the handle.
    curl_easy_setopt(easy_, CURLOPT_PRIVATE, nullptr);
    curl_easy_setopt(easy_, CURLOPT_ERRORBUFFER, nullptr);
    if (!added_)
        return;
    if (finished_ && !unwatched_)
        loop_.finished_.push_back(easy_);
    else
        curl_multi_remove_handle(loop_.multi_, easy_);
    loop_.forget(*this);
    --loop_.running_;
}

void Transfer::end(CURLcode code) {
    finished_ = true;
    code_ = code;
    done_.cancel();
}

/// A descriptor of curl's, watched but never closed by us: curl says REMOVE before it closes or
/// pools it.
struct CurlLoop::Watch {
    asio::posix::stream_descriptor descriptor;
    Transfer* transfer = nullptr;  // one of those that use it: over HTTP/1.1 the only one
    int want = 0;                  // CURL_POLL_IN, _OUT, _INOUT
    int pending = 0;               // directions with a wait under way
    bool gone = false;

    explicit Watch(const asio::any_io_executor& executor) : descriptor(executor) {}
};

CurlLoop::CurlLoop(asio::any_io_executor executor)
    : executor_(std::move(executor)),
      timer_(std::make_shared<asio::steady_timer>(executor_)),
      multi_(curl_multi_init()) {
    if (!multi_)
        throw std::bad_alloc();
    const auto on_socket = [](CURL* easy, curl_socket_t socket, int what, void* self, void*) {
        static_cast<CurlLoop*>(self)->on_socket(easy, socket, what);
        return 0;
    };
    const auto on_timer = [](CURLM*, long milliseconds, void* self) {
        static_cast<CurlLoop*>(self)->on_timer(milliseconds);
        return 0;
    };
    curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION,
                      static_cast<int (*)(CURL*, curl_socket_t, int, void*, void*)>(on_socket));
    curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION,
                      static_cast<int (*)(CURLM*, long, void*)>(on_timer));
    curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
}

CurlLoop::~CurlLoop() {
    curl_multi_cleanup(multi_);
    for (auto& [socket, watch] : watches_) {
        watch->gone = true;
        watch->descriptor.release();
    }
}

asio::awaitable<void> CurlLoop::perform(Transfer& transfer) {
    if (curl_multi_add_handle(multi_, transfer.easy_) != CURLM_OK) {
        transfer.end(CURLE_OUT_OF_MEMORY);  // nothing else can be wrong with one that is set up
        co_return;
    }
    transfer.added_ = true;
    ++running_;
    finished_.reserve(finished_.size() + running_);  // keeping one can't fail
    asio::error_code woken;
    if (!transfer.finished_)
        co_await transfer.done_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    if (!transfer.finished_)
        throw asio::system_error(asio::error::operation_aborted);
}

void CurlLoop::take_out_finished() {
    for (CURL* easy : finished_) curl_multi_remove_handle(multi_, easy);
    finished_.clear();
}

void CurlLoop::on_socket(CURL* easy, curl_socket_t socket, int what) noexcept {
    const auto found = watches_.find(socket);
    if (what == CURL_POLL_REMOVE) {
        if (found == watches_.end())
            return;
        found->second->gone = true;
        found->second->descriptor.release();
        watches_.erase(found);
        return;
    }
    Transfer* const transfer = transfer_of(easy);
    std::shared_ptr<Watch> watch;
    if (found != watches_.end()) {
        watch = found->second;
    } else {
        watch = std::make_shared<Watch>(executor_);
        asio::error_code error;
        watch->descriptor.assign(socket, error);
        // The system limits how many are watched (fs.epoll.max_user_watches).
        if (error) {
            if (transfer) {
                transfer->unwatched_ = error;
                transfer->end(CURLE_FAILED_INIT);
            }
            return;
        }
        watches_.emplace(socket, watch);
    }
    watch->want = what;
    watch->transfer = transfer;
    arm(socket, watch);
}

// Nothing is done inside the callback: curl is in the middle of its own work.
void CurlLoop::on_timer(long milliseconds) noexcept {
    if (milliseconds < 0) {
        timer_->cancel();
        return;
    }
    timer_->expires_after(std::chrono::milliseconds(milliseconds));
    // Once the timer is due its handler can't be cancelled, and comes even after our end.
    timer_->async_wait([this, alive = std::weak_ptr(timer_)](const asio::error_code& error) {
        if (!error && !alive.expired())
            action(CURL_SOCKET_TIMEOUT, 0);
    });
}

void CurlLoop::arm(curl_socket_t socket, const std::shared_ptr<Watch>& watch) {
    for (const int event : {CURL_POLL_IN, CURL_POLL_OUT})
        if ((watch->want & event) != 0 && (watch->pending & event) == 0)
            arm_one(socket, watch, event);
}

void CurlLoop::arm_one(curl_socket_t socket, const std::shared_ptr<Watch>& watch, int event) {
    using Descriptor = asio::posix::stream_descriptor;
    watch->pending |= event;
    const auto direction = event == CURL_POLL_IN ? Descriptor::wait_read : Descriptor::wait_write;
    watch->descriptor.async_wait(direction, [=, this](const asio::error_code& error) {
        watch->pending &= ~event;
        // The number may already be that of another descriptor.
        if (watch->gone)
            return;
        if (watch->want == CURL_POLL_IN && watch->transfer)
            announce(*watch->transfer);
        if ((watch->want & event) != 0)
            action(socket, error                   ? CURL_CSELECT_ERR
                           : event == CURL_POLL_IN ? CURL_CSELECT_IN
                                                   : CURL_CSELECT_OUT);
        if (!watch->gone)
            arm(socket, watch);
    });
}

// What reads a connection at first, TLS for one, also writes to it.
void CurlLoop::announce(Transfer& transfer) {
    if (std::exchange(transfer.announced_, true) || !transfer.on_coming_)
        return;
    transfer.on_coming_();
}

void CurlLoop::forget(const Transfer& transfer) {
    for (auto& [socket, watch] : watches_)
        if (watch->transfer == &transfer)
            watch->transfer = nullptr;
}

void CurlLoop::action(curl_socket_t socket, int events) {
    int still_running = 0;
    curl_multi_socket_action(multi_, socket, events, &still_running);
    int left = 0;
    while (CURLMsg* message = curl_multi_info_read(multi_, &left)) {
        if (message->msg != CURLMSG_DONE)
            continue;
        const CURLcode code = message->data.result;
        if (Transfer* transfer = transfer_of(message->easy_handle))
            transfer->end(code);
    }
}

}  // namespace slotd::net
