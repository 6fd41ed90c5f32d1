// Purpose: the log: one line per thing that a person may have to know, as text on stderr. Every line
// passes the redactor before it is written.
// Owner: app/; stations do not log, they count and journal. Threads: any. Errors: none.
#pragma once

#include <string>

#include "secrets/redaction.h"

namespace baton::app {

// Until the redactor is known, lines are cut and searched for credential patterns only.
void start_log(const std::string& level, const secrets::Redactor* redactor);
// Before the redactor is destroyed.
void stop_log();

void log_info(const std::string& line);
void log_warning(const std::string& line);
void log_error(const std::string& line);

}  // namespace baton::app
