// SPDX-License-Identifier: MIT
#include "slotd/sync/log.hpp"

#include <doctest/doctest.h>

#include <sstream>
#include <string>

using namespace slotd;
using sync::LogField;
using sync::LogFormat;
using sync::LogLevel;

namespace {

/// With the time as T, which is checked to be one.
std::string without_time(std::string text) {
    const std::string form = "dddd-dd-ddTdd:dd:dd.dddZ";
    for (std::size_t i = 0; i + form.size() <= text.size(); ++i) {
        bool is_time = true;
        for (std::size_t c = 0; c < form.size() && is_time; ++c)
            is_time =
                form[c] == 'd' ? text[i + c] >= '0' && text[i + c] <= '9' : text[i + c] == form[c];
        if (is_time)
            text.replace(i, form.size(), "T");
    }
    return text;
}

struct Written {
    std::ostringstream out;
    sync::Log log;

    explicit Written(LogFormat format, LogLevel level = LogLevel::info) : log(level, format, out) {}

    std::string text() const { return without_time(out.str()); }
};

}  // namespace

TEST_SUITE("log") {
    TEST_CASE("a text line is time, level and message; its fields are left out") {
        Written written(LogFormat::text, LogLevel::trace);
        written.log.write(LogLevel::trace, "1");
        written.log.debug("2");
        written.log.info("3", {LogField("slot", "s1")});
        written.log.warn("4");
        written.log.error("5 100% {}");
        CHECK(written.text() == "T trace 1\nT debug 2\nT info  3\nT warn  4\nT error 5 100% {}\n");
    }

    TEST_CASE("a JSON line is an object with time, level, message and the fields in order") {
        Written written(LogFormat::json);
        written.log.warn("web/s1: \"failed\" \\ 100% {} \xc3\xa9 \xff",
                         {LogField("slot", "s1"), LogField("a\"b", "x\ny")});
        CHECK(written.text() ==
              "{\"time\":\"T\",\"level\":\"warn\",\"message\":\"web/s1: \\\"failed\\\" \\\\ 100% "
              "{} \xc3\xa9 \xef\xbf\xbd\",\"slot\":\"s1\",\"a\\\"b\":\"x\\u000ay\"}\n");
    }

    TEST_CASE("the journal is told the level, and keeps the time itself") {
        std::ostringstream out;
        sync::Log log(LogLevel::trace, LogFormat::text, out, sync::LogReader::journal);
        log.write(LogLevel::trace, "1");
        log.debug("2");
        log.info("3");
        log.warn("4");
        log.error("5");
        CHECK(out.str() == "<7>trace 1\n<7>debug 2\n<6>info  3\n<4>warn  4\n<3>error 5\n");
    }

    TEST_CASE("a JSON line for the journal is one behind its level") {
        std::ostringstream out;
        sync::Log log(LogLevel::info, LogFormat::json, out, sync::LogReader::journal);
        log.warn("4");
        CHECK(without_time(out.str()) ==
              "<4>{\"time\":\"T\",\"level\":\"warn\",\"message\":\"4\"}\n");
    }

    TEST_CASE("the level is a threshold, and off is none at all") {
        Written written(LogFormat::text, LogLevel::warn);
        written.log.info("quiet");
        written.log.warn("loud");
        CHECK(written.text() == "T warn  loud\n");
        CHECK_FALSE(written.log.enabled(LogLevel::info));
        CHECK(written.log.enabled(LogLevel::error));

        Written silent(LogFormat::json, LogLevel::off);
        silent.log.error("nobody hears");
        CHECK(silent.text().empty());
    }

    TEST_CASE("the threshold can be moved while it is in use") {
        Written written(LogFormat::text, LogLevel::warn);
        written.log.set_level(LogLevel::debug);
        written.log.debug("heard");
        CHECK(written.log.level() == LogLevel::debug);
        written.log.set_level(LogLevel::off);
        written.log.error("not heard");
        CHECK(written.text() == "T debug heard\n");
    }

    TEST_CASE("each level has its word") {
        for (const auto& [level, word] :
             {std::pair(LogLevel::trace, "trace"), std::pair(LogLevel::debug, "debug"),
              std::pair(LogLevel::info, "info"), std::pair(LogLevel::warn, "warn"),
              std::pair(LogLevel::error, "error"), std::pair(LogLevel::off, "off")})
            CHECK((sync::to_string(level) == word && sync::parse_log_level(word) == level));
        for (const auto* word : {"", "INFO", "warning", "info "})
            CHECK_MESSAGE(!sync::parse_log_level(word), word);
    }
}
