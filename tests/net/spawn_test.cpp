// SPDX-License-Identifier: MIT
#include "slotd/net/spawn.hpp"

#include "support/loop.hpp"

#include <asio/error.hpp>
#include <asio/redirect_error.hpp>
#include <asio/system_error.hpp>
#include <asio/use_awaitable.hpp>
#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <vector>

using namespace slotd;
using namespace slotd::testing;

namespace {

using Log = std::shared_ptr<std::vector<std::string>>;

/// Logs its end, whichever way it comes.
class Ending {
  public:
    Ending(Log log, std::string text) : log_(std::move(log)), text_(std::move(text)) {}
    ~Ending() { log_->push_back(text_); }
    Ending(const Ending&) = delete;
    Ending& operator=(const Ending&) = delete;

  private:
    Log log_;
    std::string text_;
};

asio::awaitable<void> wait_for(asio::io_context& io, Log log, milliseconds time) {
    const Ending ending(log, "left");
    asio::steady_timer timer(io, time);
    co_await timer.async_wait(asio::use_awaitable);
    log->push_back("waited");
}

asio::awaitable<void> wait_for_ever(asio::io_context& io, Log log) {
    const Ending ending(log, "left");
    asio::steady_timer timer(io, asio::steady_timer::time_point::max());
    co_await timer.async_wait(asio::use_awaitable);
    log->push_back("waited");
}

asio::awaitable<void> outer(asio::io_context& io, Log log) {
    const Ending ending(log, "outer left");
    co_await wait_for_ever(io, log);
    log->push_back("outer went on");
}

asio::awaitable<void> wait_with_error_code(asio::io_context& io, Log log) {
    asio::steady_timer timer(io, asio::steady_timer::time_point::max());
    asio::error_code error;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
    log->push_back(error == asio::error::operation_aborted ? "aborted" : error.message());
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
    log->push_back("went on");
}

asio::awaitable<void> fail_after_a_wait(asio::io_context& io) {
    asio::steady_timer timer(io, milliseconds(1));
    co_await timer.async_wait(asio::use_awaitable);
    throw std::logic_error("a bug");
}

asio::awaitable<void> abort_itself(asio::io_context& io) {
    asio::steady_timer timer(io, milliseconds(1));
    co_await timer.async_wait(asio::use_awaitable);
    throw asio::system_error(asio::error::operation_aborted);
}

asio::awaitable<void> fail_when_cancelled(asio::io_context& io) {
    asio::steady_timer timer(io, asio::steady_timer::time_point::max());
    asio::error_code error;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
    throw asio::system_error(asio::error::connection_refused);
}

asio::awaitable<void> drop(std::shared_ptr<net::Task> itself, asio::io_context& io, Log log) {
    *itself = net::Task();
    log->push_back("dropped");
    co_await wait_for(io, log, milliseconds(0));
    log->push_back("went on");
}

asio::awaitable<void> fail_at_once(Log log) {
    const Ending ending(log, "left");
    throw std::logic_error("a bug");
    co_return;
}

struct Loop {
    asio::io_context io;
    Log log = std::make_shared<std::vector<std::string>>();

    net::Task spawn(asio::awaitable<void> body, std::shared_ptr<void> owner = {}) {
        return net::spawn(io.get_executor(), std::move(body), std::move(owner));
    }

    std::shared_ptr<void> owner() const { return std::make_shared<Ending>(log, "owner gone"); }

    std::string said() const {
        std::string all;
        for (const std::string& line : *log) all += (all.empty() ? "" : ", ") + line;
        return all;
    }
};

}  // namespace

TEST_SUITE("spawn") {
    TEST_CASE("a coroutine runs on its own and is done at its end") {
        Loop loop;
        const net::Task task = loop.spawn(wait_for(loop.io, loop.log, milliseconds(1)));
        CHECK_FALSE(task.done());
        CHECK(loop.log->empty());
        run_out(loop.io);
        CHECK(loop.said() == "waited, left");
        CHECK(task.done());
    }

    TEST_CASE("a task without a coroutine is done") {
        CHECK(net::Task().done());
    }

    TEST_CASE("an escaped exception leaves the loop") {
        Loop loop;
        const net::Task task = loop.spawn(fail_after_a_wait(loop.io));
        CHECK_THROWS_WITH_AS(run_out(loop.io), "a bug", std::logic_error);
        CHECK(task.done());
    }

    TEST_CASE("another error than operation_aborted escapes a cancelled coroutine too") {
        Loop loop;
        {
            const net::Task task = loop.spawn(fail_when_cancelled(loop.io));
            run_for(loop.io, milliseconds(1));
        }
        CHECK_THROWS_AS(run_out(loop.io), asio::system_error);
    }

    TEST_CASE("operation_aborted without a cancellation is an escaped exception") {
        Loop loop;
        const net::Task task = loop.spawn(abort_itself(loop.io));
        CHECK_THROWS_AS(run_out(loop.io), asio::system_error);
    }

    TEST_CASE("destroying the task ends what it waits for, through all its callers, silently") {
        Loop loop;
        {
            const net::Task task = loop.spawn(outer(loop.io, loop.log));
            run_for(loop.io, milliseconds(1));
            CHECK_FALSE(task.done());
        }
        run_out(loop.io);
        CHECK(loop.said() == "left, outer left");
    }

    TEST_CASE("a task destroyed before its coroutine began does nothing") {
        Loop loop;
        { const net::Task task = loop.spawn(outer(loop.io, loop.log)); }
        run_out(loop.io);
        CHECK(loop.log->empty());
    }

    TEST_CASE("a wait that reports errors by code ends once, the next one throws") {
        Loop loop;
        {
            const net::Task task = loop.spawn(wait_with_error_code(loop.io, loop.log));
            run_for(loop.io, milliseconds(1));
        }
        run_out(loop.io);
        CHECK(loop.said() == "aborted");
    }

    TEST_CASE("a coroutine may destroy its own task: it ends at its next wait") {
        Loop loop;
        const auto task = std::make_shared<net::Task>();
        *task = loop.spawn(drop(task, loop.io, loop.log));
        run_out(loop.io);
        CHECK(loop.said() == "dropped");
    }

    TEST_CASE("destroying a task that is done does nothing") {
        Loop loop;
        net::Task task = loop.spawn(wait_for(loop.io, loop.log, milliseconds(0)));
        run_out(loop.io);
        task = net::Task();
        run_out(loop.io);
        CHECK(loop.said() == "waited, left");
    }

    TEST_CASE("a moved task is the same coroutine, the one left behind is empty") {
        Loop loop;
        net::Task first = loop.spawn(wait_for_ever(loop.io, loop.log));
        net::Task second(std::move(first));
        run_for(loop.io, milliseconds(1));
        CHECK_FALSE(second.done());
        CHECK(loop.log->empty());
        second = net::Task();
        run_out(loop.io);
        CHECK(loop.said() == "left");
    }

    TEST_CASE("a task that takes another cancels its own") {
        Loop loop;
        net::Task task = loop.spawn(wait_for_ever(loop.io, loop.log));
        run_for(loop.io, milliseconds(1));
        task = loop.spawn(wait_for(loop.io, loop.log, milliseconds(1)));
        run_out(loop.io);
        CHECK(loop.said() == "left, waited, left");
        CHECK(task.done());
    }

    TEST_CASE("the owner lives until the coroutine's frame is gone, and no longer") {
        Loop loop;
        const net::Task task =
            loop.spawn(wait_for(loop.io, loop.log, milliseconds(0)), loop.owner());
        CHECK(loop.log->empty());
        run_until(loop.io, [&] { return task.done(); });
        CHECK(loop.said() == "waited, left, owner gone");
    }

    TEST_CASE("the owner of a coroutine that is cancelled lives until its frame is gone") {
        Loop loop;
        net::Task task = loop.spawn(wait_for_ever(loop.io, loop.log), loop.owner());
        run_for(loop.io, milliseconds(0));
        task = net::Task();
        CHECK(loop.log->empty());
        run_out(loop.io);
        CHECK(loop.said() == "left, owner gone");
    }

    TEST_CASE("the owner of a coroutine that did not begin, or fails, is let go too") {
        Loop loop;
        { const net::Task task = loop.spawn(outer(loop.io, loop.log), loop.owner()); }
        run_out(loop.io);
        CHECK(loop.said() == "owner gone");
        loop.log->clear();
        const net::Task task = loop.spawn(fail_at_once(loop.log), loop.owner());
        CHECK_THROWS_WITH_AS(run_out(loop.io), "a bug", std::logic_error);
        CHECK(loop.said() == "left, owner gone");
    }

    TEST_CASE("a loop that ends first takes the coroutine with it, and then its owner") {
        Log log;
        {
            Loop loop;
            log = loop.log;
            const net::Task task = loop.spawn(wait_for_ever(loop.io, log), loop.owner());
            run_for(loop.io, milliseconds(0));
            CHECK(log->empty());
        }
        CHECK(*log == std::vector<std::string>{"left", "owner gone"});
    }

    TEST_CASE("a vector of tasks grows and shrinks without ending those that stay") {
        Loop loop;
        std::vector<net::Task> tasks;
        for (int i = 0; i < 10; ++i) tasks.push_back(loop.spawn(wait_for_ever(loop.io, loop.log)));
        run_for(loop.io, milliseconds(1));
        CHECK(loop.log->empty());
        tasks.erase(tasks.begin(), tasks.begin() + 3);
        run_for(loop.io, milliseconds(1));
        CHECK(loop.said() == "left, left, left");
    }
}
