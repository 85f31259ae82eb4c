// docs/logs.md against the code: every event with its level and fields, and no other.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "bridge/core/config.h"
#include "bridge/core/log_connections.h"
#include "bridge/core/log_events.h"
#include "tests/support/paths.h"

namespace copybridge::tests {
namespace {

/// 2026-11-23T04:05:06Z for ever.
class StandingClock : public Clock {
 public:
  [[nodiscard]] SteadyTime now() const override { return {}; }
  [[nodiscard]] WallTime wall_now() const override {
    return WallTime{std::chrono::seconds{1'795'406'706}};
  }
};

/// Writes one line of every event.
void write_all(Log& log) {
  log_started(log, "", "", "", "");
  log_not_started(log, "", "");
  log_stopping(log, "", 0);
  log_stopped(log, "", {}, 0);
  log_summary(log, "", "", {}, "", 0, 0);
  log_dead_letter(log, "", "", "", "", "");
  log_dead_letters_more(log, "", 0);
  log_values_replaced(log, "", "", 0, 0);
  log_message_form_differs(log, "", "", "", "");
  log_bad_records_pause(log, "", 0, "");
  log_source_lost(log, "", "");
  log_source_detail(log, "", "");
  log_records_gone(log, "", "", 0, 0);
  log_source_recovered(log, "", 0, 0);
  log_endpoint_lost(log, "", "");
  log_endpoint_probed(log, "");
  log_endpoint_recovered(log, "", 0, 0);
  log_endpoint_refused(log, "", "");
  log_endpoint_detail(log, "", "");
  log_storage_lost(log, "", "");
  log_storage_recovered(log, "", 0);
  log_spool_full(log, "", 0, 0, 0);
  log_spool_recovered(log, "", 0);
  log_spool_damaged(log, "", "", 0, 0, 0, "", "");
  log_file_started(log, "", "", 0, 0);
  log_file_fetched(log, "", {});
  log_file_ended(log, "", {});
  log_file_broken(log, "", "", "", "");
  log_file_changed(log, "", "", "");
  log_trailer_mismatch(log, "", "", "");
  log_queue_opened(log, "", "", "", "", "");
  log_listening(log, "", "", 0, false);
  log_requests_refused(log, "", 0, 0, "");
  log_connections_broken(log, "", 0, "");
  log_connections_refused(log, "", 0, "");
  log_calls(log, "", {});
  log_backout_queue_refused(log, "", "", "", "");
  log_syncpoint_limited(log, "", "", 0);
  log_message_unreadable(log, "", "", "", "");
  log_object_name_taken(log, "", "");
  log_object_differs(log, "", "");
  log_body_kept(log, "", "", 0, "", "");
  log_mapping_changed(log, "", "");
  log_key_blocked(log, "", "");
  log_key_released(log, "", "", 0);
  log_unit_backed_out(log, "", "", 0, 0);
}

struct Described {
  std::string level;
  std::set<std::string> fields;
};
using Events = std::map<std::string, Described>;

/// The events as the log's own lines have them.
Events logged_events() {
  Events events;
  const StandingClock clock;
  Log log(LogLevel::debug, LogFormat::json, clock, [&](std::string_view line) {
    Diagnostics diagnostics;
    // A JSON object is YAML too.
    const ConfigNode root = parse_yaml(line, "line", diagnostics);
    EXPECT_FALSE(diagnostics.has_errors()) << line;
    Described described{root.find("level")->scalar, {}};
    for (const ConfigMember& member : root.members) described.fields.insert(member.key);
    for (const char* common : {"time", "level", "event"}) described.fields.erase(common);
    events[root.find("event")->scalar] = described;
  });
  write_all(log);
  return events;
}

std::string page() {
  std::ifstream file(support::source_path("docs/logs.md"));
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::string> cells_of(const std::string& row) {
  std::vector<std::string> cells;
  std::istringstream rest(row);
  for (std::string cell; std::getline(rest, cell, '|');) cells.push_back(cell);
  return cells;
}

/// Words in backticks, outside of parentheses.
std::set<std::string> names_in(std::string cell) {
  cell = std::regex_replace(cell, std::regex("\\([^)]*\\)"), "");
  const std::regex word("`([^`]+)`");
  std::set<std::string> names;
  for (std::sregex_iterator next(cell.begin(), cell.end(), word), end; next != end; ++next) {
    names.insert((*next)[1]);
  }
  return names;
}

/// The events as the page's table has them.
Events documented_events() {
  Events events;
  std::istringstream text(page());
  for (std::string line; std::getline(text, line);) {
    if (!line.starts_with("| `")) continue;
    const std::vector<std::string> cells = cells_of(line);
    EXPECT_EQ(cells.size(), 6U) << line;
    if (cells.size() != 6) continue;
    const std::string name = *names_in(cells[1]).begin();
    EXPECT_FALSE(events.contains(name)) << name << " has two rows";
    events[name] = {cells[2].substr(1, cells[2].size() - 2), names_in(cells[4])};
  }
  return events;
}

std::set<std::string> names_of(const Events& events) {
  std::set<std::string> names;
  for (const auto& [name, described] : events) names.insert(name);
  return names;
}

TEST(LogPage, HasARowForEveryEventAndNoOther) {
  std::set<std::string> names;
  for (const LogEvent& event : log_events()) names.emplace(event.name);
  EXPECT_EQ(names_of(documented_events()), names);
}

TEST(LogPage, GivesEveryEventsLevel) {
  const Events documented = documented_events();
  for (const auto& [name, logged] : logged_events()) {
    ASSERT_TRUE(documented.contains(name)) << name;
    EXPECT_EQ(documented.at(name).level, logged.level) << name;
  }
}

TEST(LogPage, NamesEveryFieldOfEveryEventAndNoOther) {
  const Events documented = documented_events();
  for (const auto& [name, logged] : logged_events()) {
    ASSERT_TRUE(documented.contains(name)) << name;
    EXPECT_EQ(documented.at(name).fields, logged.fields) << name;
  }
}

TEST(LogPage, HasEveryEventThatTheCodeCanWrite) {
  // One that is missing here is missing in write_all() above.
  std::set<std::string> names;
  for (const LogEvent& event : log_events()) names.emplace(event.name);
  EXPECT_EQ(names_of(logged_events()), names);
}

TEST(LogPage, ShowsALineOfEitherFormAsItIsWritten) {
  const StandingClock clock;
  const std::string text = page();
  for (const LogFormat format : {LogFormat::text, LogFormat::json}) {
    Log log(LogLevel::info, format, clock, [&](std::string_view line) {
      EXPECT_THAT(text, ::testing::HasSubstr("\n    " + std::string(line) + "\n"));
    });
    log_file_ended(log, "accounts",
                   {.path = "in/account.dat",
                    .arrival = 1,
                    .read = 1000,
                    .delivered = 949,
                    .filtered = 50,
                    .bad = 1,
                    .control_totals = "count=1000 ACCT-BAL=1234.50"});
    EXPECT_EQ(log.count("file_ended"), 1U);
  }
}

TEST(LogEvents, HaveNamesOfTheirOwn) {
  std::set<std::string_view> names;
  for (const LogEvent& event : log_events()) EXPECT_TRUE(names.insert(event.name).second);
}

TEST(LogEvents, TellAnOperatorWhatToDoAtEveryError) {
  for (const LogEvent& event : log_events()) {
    EXPECT_FALSE(event.meaning.empty()) << event.name;
    const bool must_act = event.level == LogLevel::error;
    EXPECT_TRUE(!must_act || event.action != "None.") << event.name;
  }
}

}  // namespace
}  // namespace copybridge::tests
