#include "gateway/app/log.h"

#include <memory>
#include <mutex>

#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include "gateway/base/mutant.h"

namespace baton::app {
namespace {

class RedactingSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit RedactingSink(const secrets::Redactor* redactor) : redactor_(redactor) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    const std::string_view text(line.data(), line.size());
    const auto clean = redactor_ && !BATON_MUTANT(log_line_with_a_header)
                           ? redactor_->redact(text, secrets::kWhole)
                           : std::string(text);
    std::fwrite(clean.data(), 1, clean.size(), stderr);
  }
  void flush_() override { std::fflush(stderr); }

 private:
  const secrets::Redactor* redactor_;
};

}  // namespace

void start_log(const std::string& level, const secrets::Redactor* redactor) {
  auto log = std::make_shared<spdlog::logger>("baton", std::make_shared<RedactingSink>(redactor));
  log->set_level(spdlog::level::from_str(level));
  log->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
  log->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(log));
}

void stop_log() { spdlog::shutdown(); }

void log_info(const std::string& line) { SPDLOG_INFO("{}", line); }
void log_warning(const std::string& line) { SPDLOG_WARN("{}", line); }
void log_error(const std::string& line) { SPDLOG_ERROR("{}", line); }

}  // namespace baton::app
