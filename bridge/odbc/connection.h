// A connection by unixODBC and its statements: what the adapter and the publisher of tables share.
// The driver and its C headers stay behind it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/core/bytes.h"
#include "bridge/core/error.h"
#include "bridge/core/options.h"

namespace copybridge::odbc {

struct ConnectionSettings {
  std::string connection;  ///< as SQLDriverConnect takes it, without user and password
  std::string user;
  Secret password;
  std::int64_t timeout_s = 0;  ///< of connecting, and of each statement
};

/// The rows of a component's table that say where to connect, and what they give. Mistakes go to
/// `diagnostics`.
[[nodiscard]] std::span<const OptionSpec> connection_options();
[[nodiscard]] ConnectionSettings read_connection(const Options& options, Diagnostics& diagnostics);

/// Whether a name of a table or column can stand in a statement: plain words or quoted ones, with
/// dots between.
[[nodiscard]] bool is_name(std::string_view name);
/// The same of an option's value; others are reported.
bool check_name(const Options& options, std::string_view option, Diagnostics& diagnostics);

/// What a database can, by the name that it gives itself.
struct Dialect {
  std::string name;                ///< of the database's product
  bool skips_locked = false;       ///< FOR UPDATE SKIP LOCKED
  bool limits = false;             ///< LIMIT n; else FETCH FIRST n ROWS ONLY
  bool ignores_conflicts = false;  ///< INSERT … ON CONFLICT (…) DO NOTHING
};

/// One statement, prepared once. Errors: config for what somebody has to correct, bad_record for
/// what a row's own values are refused for, else source.
class Statement {
 public:
  enum class Type : std::uint8_t { text, bytes };
  /// A value by its bytes, which must stand until execute(); nothing: NULL.
  struct Value {
    std::optional<std::string_view> text;
    Type type = Type::text;
    std::int16_t sql_type = 0;  ///< as the column's own, where it is known
  };

  explicit Statement(void* handle) : handle_(handle) {}
  ~Statement();
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;

  Result<void> prepare(const std::string& sql, std::int64_t timeout_s);
  Result<void> execute(std::span<const Value> values = {});
  /// Lets go of a result that is not read to its end.
  void finish();
  /// False: there are no more rows.
  Result<bool> fetch();
  /// The SQL type of a column of the result, from 1.
  Result<std::int16_t> type_of(std::uint16_t column);
  [[nodiscard]] static bool is_binary(std::int16_t sql_type);
  /// Appends the value of the row's column; false where it is NULL. Columns are read from left to
  /// right, each once. What is larger than `bytes_max` is cut there.
  Result<bool> append(std::uint16_t column, Type type, std::size_t bytes_max, ByteBuffer& out);
  Result<std::optional<std::string>> text(std::uint16_t column);

 private:
  [[nodiscard]] Error error(std::string_view what) const;
  void* handle_ = nullptr;
  std::vector<std::int64_t> lengths_;  ///< of the values that are bound
};

/// For one thread at a time. Works in transactions: what is not committed is rolled back.
class Connection {
 public:
  explicit Connection(ConnectionSettings settings) : settings_(std::move(settings)) {}
  ~Connection() { disconnect(); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Result<void> connect();
  /// Rolls back and lets go. Twice it does nothing.
  void disconnect();
  [[nodiscard]] bool is_connected() const { return handle_ != nullptr; }
  [[nodiscard]] const Dialect& dialect() const { return dialect_; }

  Result<Statement> prepare(const std::string& sql);
  Result<void> commit();
  void roll_back();

 private:
  Result<std::string> connection_text() const;
  void learn_dialect();

  const ConnectionSettings settings_;
  void* environment_ = nullptr;
  void* handle_ = nullptr;
  Dialect dialect_;
};

}  // namespace copybridge::odbc
