// SPDX-License-Identifier: MIT
#pragma once

#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace slotd::sync {

enum class LogLevel { trace, debug, info, warn, error, off };

/// The word for it: "info", "warn", ...
std::string_view to_string(LogLevel level);
/// The level of a word; none when it is no such word.
std::optional<LogLevel> parse_log_level(std::string_view word);

enum class LogFormat { text, json };

/// systemd's journal keeps the time itself and takes the level from "<3>" to "<7>" at the front of
/// a line: there a text line has that in place of the time, and a JSON line has it before the
/// object.
enum class LogReader { person, journal };

/// A named part of a log line; only the JSON form shows it, the text says it already.
struct LogField {
    std::string_view name;
    std::string value;

    LogField(std::string_view name_, std::string value_) : name(name_), value(std::move(value_)) {}
};

/// One line per event, flushed at once: "2026-11-24T12:00:00.123Z info  web/s1: ..." or a JSON
/// object with time, level, message and the fields. What comes from outside must be printable
/// (model::printable) before it gets here.
class Log {
  public:
    /// To standard error.
    Log(LogLevel level, LogFormat format, LogReader reader = LogReader::person);
    Log(LogLevel level, LogFormat format, std::ostream& to, LogReader reader = LogReader::person);
    ~Log();
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;

    LogLevel level() const;
    /// What is below is left out from now on.
    void set_level(LogLevel level);

    bool enabled(LogLevel level) const;
    void write(LogLevel level, std::string_view message, const std::vector<LogField>& fields = {});

    void debug(std::string_view message, const std::vector<LogField>& fields = {}) {
        write(LogLevel::debug, message, fields);
    }
    void info(std::string_view message, const std::vector<LogField>& fields = {}) {
        write(LogLevel::info, message, fields);
    }
    void warn(std::string_view message, const std::vector<LogField>& fields = {}) {
        write(LogLevel::warn, message, fields);
    }
    void error(std::string_view message, const std::vector<LogField>& fields = {}) {
        write(LogLevel::error, message, fields);
    }

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace slotd::sync
