// Purpose: the log: one line per thing that a person may have to know, as text or as JSON, on stderr. Every
// line passes the redactor before it is written.
// Owner: app/; stations do not log, they count and journal. Threads: any. Errors: none.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "secrets/redaction.h"

namespace baton::app {

// `format`: "text", or "json" for lines that a program reads. Until the redactor is known, lines are cut and
// searched for credential patterns only.
void start_log(const std::string& level, const secrets::Redactor* redactor,
               const std::string& format = "text");
// Before the redactor is destroyed.
void stop_log();

void log_info(const std::string& line);
void log_warning(const std::string& line);
void log_error(const std::string& line);

// What a line is about, by name: a field of its own in JSON, `name=value` behind the text.
using LogFields = std::vector<std::pair<std::string_view, nlohmann::json>>;
enum class LogLevel { debug, info };
bool logs(LogLevel level);  // whether such a line would be written
void log_fields(LogLevel level, const std::string& line, const LogFields& fields);

}  // namespace baton::app
