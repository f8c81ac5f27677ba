// SPDX-License-Identifier: MIT
#include "slotd/sync/log.hpp"

#include "slotd/model/text.hpp"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <string>

namespace slotd::sync {
namespace {

spdlog::level::level_enum to_spdlog(LogLevel level) {
    switch (level) {
        case LogLevel::trace:
            return spdlog::level::trace;
        case LogLevel::debug:
            return spdlog::level::debug;
        case LogLevel::info:
            return spdlog::level::info;
        case LogLevel::warn:
            return spdlog::level::warn;
        case LogLevel::error:
            return spdlog::level::err;
        case LogLevel::off:
            return spdlog::level::off;
    }
    return spdlog::level::off;
}

// syslog's, see sd-daemon(3).
char priority_of(spdlog::level::level_enum level) {
    if (level >= spdlog::level::err)
        return '3';
    if (level == spdlog::level::warn)
        return '4';
    return level == spdlog::level::info ? '6' : '7';
}

class PriorityFlag : public spdlog::custom_flag_formatter {
  public:
    void format(const spdlog::details::log_msg& message, const std::tm&,
                spdlog::memory_buf_t& to) override {
        to.push_back('<');
        to.push_back(priority_of(message.level));
        to.push_back('>');
    }
    std::unique_ptr<spdlog::custom_flag_formatter> clone() const override {
        return spdlog::details::make_unique<PriorityFlag>();
    }
};

// The JSON form escapes the payload itself: %v in a pattern does not. The level's word is the
// option's; spdlog's own are others ("warning").
std::string pattern_of(LogFormat format, LogReader reader) {
    const bool is_journal = reader == LogReader::journal;
    if (format == LogFormat::json)
        return std::string(is_journal ? "%*" : "") + R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ",%v})";
    return is_journal ? "%*%v" : "%Y-%m-%dT%H:%M:%S.%eZ %v";
}

}  // namespace

std::string_view to_string(LogLevel level) {
    switch (level) {
        case LogLevel::trace:
            return "trace";
        case LogLevel::debug:
            return "debug";
        case LogLevel::info:
            return "info";
        case LogLevel::warn:
            return "warn";
        case LogLevel::error:
            return "error";
        case LogLevel::off:
            return "off";
    }
    return "";
}

std::optional<LogLevel> parse_log_level(std::string_view word) {
    for (const LogLevel level : {LogLevel::trace, LogLevel::debug, LogLevel::info, LogLevel::warn,
                                 LogLevel::error, LogLevel::off})
        if (word == to_string(level))
            return level;
    return std::nullopt;
}

class Log::Impl {
  public:
    Impl(LogLevel level, LogFormat format, LogReader reader, spdlog::sink_ptr sink)
        : format_(format), logger_("slotd", std::move(sink)) {
        set_level(level);
        logger_.flush_on(spdlog::level::trace);
        auto formatter =
            std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
        formatter->add_flag<PriorityFlag>('*').set_pattern(pattern_of(format, reader));
        logger_.set_formatter(std::move(formatter));
    }

    LogLevel level() const { return level_; }
    void set_level(LogLevel level) {
        level_ = level;
        logger_.set_level(to_spdlog(level));
    }

    bool enabled(LogLevel level) const { return logger_.should_log(to_spdlog(level)); }

    void write(LogLevel level, std::string_view message, const std::vector<LogField>& fields) {
        if (!enabled(level))
            return;
        std::string payload(to_string(level));
        if (format_ == LogFormat::text) {
            payload.resize(6, ' ');
            payload += message;
            logger_.log(to_spdlog(level), std::string_view(payload));
            return;
        }
        payload = "\"level\":\"" + payload + "\",\"message\":" + model::json_string(message);
        for (const LogField& field : fields)
            payload += "," + model::json_string(field.name) + ":" + model::json_string(field.value);
        logger_.log(to_spdlog(level), std::string_view(payload));
    }

  private:
    LogLevel level_ = LogLevel::info;
    LogFormat format_;
    spdlog::logger logger_;
};

Log::Log(LogLevel level, LogFormat format, LogReader reader)
    : impl_(std::make_unique<Impl>(level, format, reader,
                                   std::make_shared<spdlog::sinks::stderr_sink_st>())) {}

Log::Log(LogLevel level, LogFormat format, std::ostream& to, LogReader reader)
    : impl_(std::make_unique<Impl>(level, format, reader,
                                   std::make_shared<spdlog::sinks::ostream_sink_st>(to, true))) {}

Log::~Log() = default;

LogLevel Log::level() const {
    return impl_->level();
}

void Log::set_level(LogLevel level) {
    impl_->set_level(level);
}

bool Log::enabled(LogLevel level) const {
    return impl_->enabled(level);
}

void Log::write(LogLevel level, std::string_view message, const std::vector<LogField>& fields) {
    impl_->write(level, message, fields);
}

}  // namespace slotd::sync
