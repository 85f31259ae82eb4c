// `copybridge state`: what a bridge has in its state directory, also while it runs.
#include "bridge/core/state.h"

#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bridge/bridge_config.h"
#include "tools/copybridge/commands.h"
#include "tools/copybridge/diagnose.h"

namespace copybridge::cli {
namespace {

struct StateOptions {
  std::string file;
  bool json = false;
};

/// One thing that is there: what it is, and names with values as JSON.
using Row = std::vector<std::pair<std::string, std::string>>;

void print(const std::string& what, const Row& row, bool as_json) {
  std::string line = as_json ? R"({"what":)" + json_string(what) : what;
  for (const auto& [name, value] : row) {
    line += as_json ? "," : "  ";
    line += as_json ? json_string(name) : name;
    line += as_json ? ":" : "=";
    line += value;
  }
  fmt::print("{}{}\n", line, as_json ? "}" : "");
}

Result<std::vector<std::string>> columns_of(Database& database, const std::string& table) {
  Result<Statement> query = database.prepare("SELECT name FROM pragma_table_info(?)");
  if (!query) return pass_on(query);
  query->bind(1, table);
  std::vector<std::string> names;
  for (;;) {
    const Result<bool> row = query->step();
    if (!row) return pass_on(row);
    if (!*row) return names;
    names.push_back(query->text(0));
  }
}

/// Bytes are shown as text where they are printable ASCII (paths), otherwise in hexadecimal.
std::string json_of_column(const std::string& name) {
  return fmt::format(
      "CASE typeof(\"{0}\") WHEN 'integer' THEN CAST(\"{0}\" AS TEXT) WHEN 'null' THEN 'null'"
      " ELSE json_quote(CASE WHEN typeof(\"{0}\") = 'blob' AND CAST(\"{0}\" AS TEXT) GLOB"
      " '*[^ -~]*' THEN hex(\"{0}\") ELSE CAST(\"{0}\" AS TEXT) END) END",
      name);
}

Result<void> show_query(Database& database, const std::string& what,
                        const std::vector<std::string>& names, const std::string& sql, bool json) {
  Result<Statement> query = database.prepare(sql);
  if (!query) return pass_on(query);
  for (;;) {
    const Result<bool> found = query->step();
    if (!found) return pass_on(found);
    if (!*found) return {};
    Row row;
    for (std::size_t i = 0; i < names.size(); ++i) {
      row.emplace_back(names[i], query->text(static_cast<int>(i)));
    }
    print(what, row, json);
  }
}

Result<void> show_table(Database& database, const std::string& table, bool json) {
  const Result<std::vector<std::string>> names = columns_of(database, table);
  if (!names) return pass_on(names);
  std::string sql;
  for (const std::string& name : *names) {
    sql += (sql.empty() ? "SELECT " : ", ") + json_of_column(name);
  }
  return show_query(database, table, *names, sql + " FROM \"" + table + "\"", json);
}

/// Records and their faults are the business of `dead-letters`.
Result<void> show_dead_letters(Database& database, bool json) {
  return show_query(database, "dead_letters", {"source", "destination", "letters"},
                    "SELECT json_quote(source), json_quote(destination), count(*)"
                    " FROM dead_letters GROUP BY source, destination",
                    json);
}

Result<void> show_tables(Database& database, bool json) {
  Result<Statement> query = database.prepare(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
      " ORDER BY name");
  if (!query) return pass_on(query);
  for (;;) {
    const Result<bool> row = query->step();
    if (!row) return pass_on(row);
    if (!*row) return {};
    const std::string table = query->text(0);
    Result<void> shown = table == "dead_letters" ? show_dead_letters(database, json)
                                                 : show_table(database, table, json);
    if (!shown) return shown;
  }
}

void show_spools(const std::filesystem::path& state, bool json) {
  constexpr std::string_view kPrefix = "spool-";
  std::error_code error;
  std::map<std::string, std::filesystem::path> spools;
  for (const auto& entry : std::filesystem::directory_iterator(state, error)) {
    const std::string name = entry.path().filename();
    if (name.starts_with(kPrefix)) spools.emplace(name.substr(kPrefix.size()), entry.path());
  }
  for (const auto& [name, path] : spools) {
    std::uint64_t bytes = 0;
    std::uint64_t damaged = 0;
    for (const auto& file : std::filesystem::directory_iterator(path, error)) {
      bytes += file.file_size(error);
      if (file.path().extension() == ".damaged") ++damaged;
    }
    print("spool",
          {{"source", json_string(name)},
           {"bytes", std::to_string(bytes)},
           {"damaged_files", std::to_string(damaged)}},
          json);
  }
}

Result<void> show(const std::filesystem::path& state, bool json) {
  Result<Database> database = open_existing_database(state);
  if (!database) return pass_on(database);
  Result<void> shown = show_query(*database, "state", {"version"},
                                  "SELECT user_version FROM pragma_user_version", json);
  if (shown) shown = show_tables(*database, json);
  if (shown) show_spools(state, json);
  return shown;
}

int state(const StateOptions& options) {
  Diagnostics diagnostics;
  const auto config = bridge::load_bridge(options.file, diagnostics);
  print_diagnostics(diagnostics);
  if (!config) return exit_code(ErrorKind::config);
  const Result<void> shown = show(config->state, options.json);
  return shown ? 0 : report_error(shown.error());
}

}  // namespace

void add_state(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("state", "Look at what a bridge keeps on its disk.");
  command->require_subcommand(1);
  const auto options = std::make_shared<StateOptions>();
  CLI::App* shower = command->add_subcommand(
      "show", "Positions, destinations, dead letters and spools; also while the bridge runs.");
  shower->add_option("BRIDGE.yaml", options->file, "The bridge file.")->required();
  shower->add_flag("--json", options->json, "JSON Lines.");
  shower->callback([options, &exit_code] { exit_code = state(*options); });
}

}  // namespace copybridge::cli
