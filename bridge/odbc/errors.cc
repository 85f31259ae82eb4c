// Diagnostics of ODBC as errors.
#include "bridge/odbc/errors.h"

#include <fmt/format.h>
#include <sql.h>
#include <sqlext.h>

#include <algorithm>
#include <array>
#include <string>

namespace copybridge::odbc {
namespace {

constexpr std::int32_t kSqliteConstraint = 19;
constexpr std::int32_t kSqliteMismatch = 20;
constexpr std::int32_t kSqliteTooBig = 18;
/// A row's key that is there: of MySQL, SQL Server (twice) and Oracle.
constexpr std::array<std::int32_t, 4> kDuplicateCodes = {1062, 2601, 2627, 1};
constexpr std::string_view kDuplicate = "SQLSTATE 23505";

bool starts(std::string_view text, std::initializer_list<std::string_view> beginnings) {
  return std::ranges::any_of(
      beginnings, [&](std::string_view beginning) { return text.starts_with(beginning); });
}

/// The driver's own words, without the names in brackets that they begin with.
std::string words_of(std::string_view message) {
  while (message.starts_with('[') && message.find(']') != std::string_view::npos)
    message.remove_prefix(message.find(']') + 1);
  std::string text(message.substr(0, message.find('\n')));
  std::ranges::replace_if(
      text, [](unsigned char c) { return c < 0x20; }, ' ');
  while (text.ends_with(' ') || text.ends_with(';')) text.pop_back();
  return text;
}

/// The state as PostgreSQL and DB2 have it: others have one for all integrity, SQLite's driver one
/// for everything.
std::string_view state_of(std::string_view state, std::int32_t native, std::string_view message) {
  if (state == "23000" && std::ranges::find(kDuplicateCodes, native) != kDuplicateCodes.end())
    return "23505";
  if (state != "HY000") return state;
  if (native == kSqliteConstraint)
    return message.find("UNIQUE constraint failed") != std::string_view::npos ? "23505" : "23000";
  if (native == kSqliteMismatch || native == kSqliteTooBig) return "22000";
  if (message.find("no such table") != std::string_view::npos ||
      message.find("no such column") != std::string_view::npos ||
      message.find("has no column named") != std::string_view::npos)
    return "42S02";
  if (message.find("ON CONFLICT clause does not match") != std::string_view::npos) return "42P10";
  return state;
}

ErrorKind kind_of(std::string_view sqlstate) {
  // Data, integrity and check options.
  if (starts(sqlstate, {"22", "23", "44"})) return ErrorKind::bad_record;
  // Authorization, syntax and access, catalog and schema names, the driver manager's own.
  if (starts(sqlstate, {"28", "42", "3D", "3F", "IM", "0A"})) return ErrorKind::config;
  return ErrorKind::source;
}

}  // namespace

bool is_duplicate(const Error& error) {
  return error.message.find(kDuplicate) != std::string::npos;
}

Error error_of(std::int16_t handle_type, void* handle, std::string_view what) {
  std::array<SQLCHAR, 6> state{};
  std::array<SQLCHAR, 1024> message{};
  SQLINTEGER native = 0;
  SQLSMALLINT size = 0;
  const SQLRETURN got =
      ::SQLGetDiagRec(handle_type, handle, 1, state.data(), &native, message.data(),
                      static_cast<SQLSMALLINT>(message.size()), &size);
  if (!SQL_SUCCEEDED(got))
    return {ErrorKind::source, fmt::format("odbc: {}; the driver does not say why", what), {}};
  const std::string_view words(reinterpret_cast<const char*>(message.data()));
  const std::string_view sqlstate =
      state_of(reinterpret_cast<const char*>(state.data()), native, words);
  const ErrorKind kind = kind_of(sqlstate);
  if (kind == ErrorKind::bad_record) {
    return {kind,
            fmt::format("odbc: {}: the database refuses a row's values (SQLSTATE {}, {})", what,
                        sqlstate, native),
            {}};
  }
  return {kind, fmt::format("odbc: {}: SQLSTATE {}: {}", what, sqlstate, words_of(words)), {}};
}

}  // namespace copybridge::odbc
