// Purpose: the play of the demo: sends the events, shows each one's way as it happens, lets people act, and
// counts at the end what the vendors' own ledgers hold.
// Owner: demo(). Threads: one. Errors: Failures that say what did not happen, and where to look.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>

#include "gateway/app/demo_events.h"
#include "gateway/app/demo_stage.h"
#include "gateway/base/json_view.h"

namespace baton::app {

class Play {
 public:
  Play(Stage& stage, bool colours) : stage_(stage), colours_(colours) {}

  Result<Done> run();
  ExitCode count();

 private:
  // What an event needs around it.
  struct Scene {
    bool twice = false, hostile = false;
    std::string killed_at;  // the vendor that holds an answer back
    std::string announced;  // what is about to go wrong, and why
    nlohmann::json fault;   // null: none
  };
  static Scene scene_of(const std::string& event);

  Result<Done> play(std::size_t number, const DemoEvent& event);
  Result<std::string> send(const nlohmann::json& event, bool again);
  Result<Done> kill_during(const std::string& vendor, std::size_t before);
  Result<Done> follow(const std::string& handoff, const std::function<bool(JsonView)>& enough,
                      Duration patience);
  Result<Done> people(const std::string& handoff);
  void show_hostile(const std::string& handoff);
  std::size_t held(const std::string& vendor);
  nlohmann::json card_of(const std::string& handoff);
  nlohmann::json ticket_of(const std::string& handoff);
  std::pair<std::string, std::string> ticket_at(const std::string& handoff);
  void say(const std::string& text) const;
  void say(const std::string& when, const std::string& who, const std::string& what) const;
  std::string bold(const std::string& text) const { return colours_ ? "\033[1m" + text + "\033[0m" : text; }
  std::string grey(const std::string& text) const { return colours_ ? "\033[2m" + text + "\033[0m" : text; }

  Stage& stage_;
  bool colours_;
  std::set<std::string> shown_;     // lines of the present handoff
  std::set<std::string> handoffs_;  // every id that a 202 named
  int accepted_ = 0;
};

}  // namespace baton::app
