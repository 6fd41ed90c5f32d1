// Purpose: SHA-256 of a body, which Twilio names in the address that it signs. Owner: webhook.cc. Threads:
// any; pure. Nothing secret goes through it. Source: fact sheet ingress, section 4.7; FIPS 180-4.
#pragma once

#include <string>
#include <string_view>

namespace baton::twilio {

std::string sha256(std::string_view message);  // 32 bytes

}  // namespace baton::twilio
