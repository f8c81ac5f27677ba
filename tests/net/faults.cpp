// SPDX-License-Identifier: MIT
#include "faults.hpp"

#include <curl/curl.h>

#include <cerrno>
#include <sys/epoll.h>
#include <utility>

extern "C" {
int __real_epoll_ctl(int epoll, int operation, int descriptor, epoll_event* event);
int __wrap_epoll_ctl(int epoll, int operation, int descriptor, epoll_event* event);
CURLMcode __real_curl_multi_add_handle(CURLM* multi, CURL* easy);
CURLMcode __wrap_curl_multi_add_handle(CURLM* multi, CURL* easy);
}

namespace {

bool refuses_watch = false;
bool refuses_transfer = false;

}  // namespace

int __wrap_epoll_ctl(int epoll, int operation, int descriptor, epoll_event* event) {
    if (operation == EPOLL_CTL_ADD && std::exchange(refuses_watch, false)) {
        errno = ENOSPC;
        return -1;
    }
    return __real_epoll_ctl(epoll, operation, descriptor, event);
}

CURLMcode __wrap_curl_multi_add_handle(CURLM* multi, CURL* easy) {
    if (std::exchange(refuses_transfer, false))
        return CURLM_OUT_OF_MEMORY;
    return __real_curl_multi_add_handle(multi, easy);
}

namespace slotd::testing {

void refuse_next_watch() {
    refuses_watch = true;
}

bool has_refused_watch() {
    return !refuses_watch;
}

void refuse_next_transfer() {
    refuses_transfer = true;
}

}  // namespace slotd::testing
