// Purpose: the handoffs of the demo, as a chat platform would send them. Pure. Owner: the demo.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "gateway/base/time.h"

namespace baton::app {

struct DemoEvent {
  std::string title;  // what it shows, for people
  nlohmann::json event;
};

// CloudEvents of the source "demo-chat", all different.
std::vector<DemoEvent> demo_events(TimePoint now);

}  // namespace baton::app
