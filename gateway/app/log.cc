#include "gateway/app/log.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <mutex>

#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include "gateway/base/date.h"
#include "gateway/base/mutant.h"
#include "gateway/base/text.h"

namespace baton::app {
namespace {

using nlohmann::json;

std::string written(const json& line) { return line.dump(-1, ' ', false, json::error_handler_t::replace); }

// A line is one line: what somebody sent us must not look like another.
std::string one_line(std::string text) {
  std::ranges::replace_if(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return text;
}

class RedactingSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  RedactingSink(const secrets::Redactor* redactor, bool as_json) : redactor_(redactor), json_(as_json) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    const std::string text(line.data(), line.size() - 1);  // without its end
    auto clean =
        redactor_ && !BATON_MUTANT(log_line_with_a_header) ? redactor_->redact(text, secrets::kWhole) : text;
    // The fields were clean before they became JSON; what is found only now may have taken a quote with it.
    if (json_ && clean != text) clean = written({{"level", "warning"}, {"message", clean}});
    clean = one_line(std::move(clean)) + "\n";
    std::fwrite(clean.data(), 1, clean.size(), stderr);
  }
  void flush_() override { std::fflush(stderr); }

 private:
  const secrets::Redactor* redactor_;
  bool json_;
};

class Log final : public spdlog::logger {
 public:
  Log(const secrets::Redactor* redactor, bool as_json)
      : spdlog::logger("baton", std::make_shared<RedactingSink>(redactor, as_json)), redactor_(redactor),
        json_(as_json) {
    set_pattern(as_json ? "%v" : "%Y-%m-%dT%H:%M:%S.%e%z %l %v");
  }

  std::string line(spdlog::level::level_enum level, const std::string& message,
                   const LogFields& fields) const {
    return json_ ? as_json(level, message, fields) : as_text(message, fields);
  }

 private:
  std::string clean(const std::string& text) const {
    return redactor_ ? redactor_->redact(text, secrets::kWhole) : text;
  }
  std::string as_json(spdlog::level::level_enum level, const std::string& message,
                      const LogFields& fields) const {
    const auto now = std::chrono::floor<Duration>(std::chrono::system_clock::now());
    const auto name = spdlog::level::to_string_view(level);
    json line = {{"at", to_rfc3339(now)},
                 {"level", std::string(name.data(), name.size())},
                 {"message", clean(to_valid_utf8(message))}};
    for (const auto& [field, value] : fields) {
      line[std::string(field)] =
          value.is_string() ? json(clean(to_valid_utf8(value.get<std::string>()))) : value;
    }
    return written(line);
  }
  static std::string as_text(const std::string& message, const LogFields& fields) {
    auto line = message;
    for (const auto& [field, value] : fields) {
      const bool word =
          value.is_string() && value.get<std::string>().find_first_of(" \"=") == std::string::npos;
      line += " " + std::string(field) + "=" + (word ? value.get<std::string>() : written(value));
    }
    return line;
  }

  const secrets::Redactor* redactor_;
  bool json_;
};

void put(spdlog::level::level_enum level, const std::string& message, const LogFields& fields = {}) {
  auto* log = spdlog::default_logger_raw();
  if (!log || !log->should_log(level)) return;
  const auto* ours = dynamic_cast<const Log*>(log);  // anything else is from before start_log()
  log->log(level, "{}", ours ? ours->line(level, message, fields) : message);
}

spdlog::level::level_enum of(LogLevel level) {
  return level == LogLevel::debug ? spdlog::level::debug : spdlog::level::info;
}

}  // namespace

void start_log(const std::string& level, const secrets::Redactor* redactor, const std::string& format) {
  auto log = std::make_shared<Log>(redactor, format == "json");
  log->set_level(spdlog::level::from_str(level));
  log->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(log));
}

void stop_log() { spdlog::shutdown(); }

void log_info(const std::string& line) { put(spdlog::level::info, line); }
void log_warning(const std::string& line) { put(spdlog::level::warn, line); }
void log_error(const std::string& line) { put(spdlog::level::err, line); }

bool logs(LogLevel level) {
  const auto* log = spdlog::default_logger_raw();
  return log && log->should_log(of(level));
}

void log_fields(LogLevel level, const std::string& line, const LogFields& fields) {
  put(of(level), line, fields);
}

}  // namespace baton::app
