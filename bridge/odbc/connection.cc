// ODBC 3 calls; a driver manager and a driver that the user has set up stand behind them.
#include "bridge/odbc/connection.h"

#include <fmt/format.h>
#include <sql.h>
#include <sqlext.h>

#include <algorithm>
#include <array>
#include <utility>

#include "bridge/odbc/errors.h"

namespace copybridge::odbc {
namespace {

constexpr std::size_t kPiece = std::size_t{64} << 10U;

/// A value of a connection text: within braces, its own closing ones doubled, where it has to be.
/// Not every driver takes them off what did not need them.
std::string literal_of(std::string_view value) {
  const bool is_plain = value.find_first_of("[]{}(),;?*=!@ ") == std::string_view::npos;
  if (is_plain) return std::string(value);
  std::string text = "{";
  for (const char character : value) {
    text += character;
    if (character == '}') text += '}';
  }
  return text + "}";
}

SQLCHAR* chars(const std::string& text) {
  // The driver manager only reads it.
  return reinterpret_cast<SQLCHAR*>(const_cast<char*>(text.c_str()));
}

SQLPOINTER number(std::int64_t value) {
  // ODBC takes numbers so. NOLINTNEXTLINE(performance-no-int-to-ptr)
  return reinterpret_cast<SQLPOINTER>(static_cast<SQLULEN>(value));
}

}  // namespace

Statement::~Statement() {
  if (handle_ != nullptr) ::SQLFreeHandle(SQL_HANDLE_STMT, handle_);
}

Statement::Statement(Statement&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)), lengths_(std::move(other.lengths_)) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  std::swap(handle_, other.handle_);
  std::swap(lengths_, other.lengths_);
  return *this;
}

Error Statement::error(std::string_view what) const {
  return error_of(SQL_HANDLE_STMT, handle_, what);
}

Result<void> Statement::prepare(const std::string& sql, std::int64_t timeout_s) {
  // Not every driver has it.
  ::SQLSetStmtAttr(handle_, SQL_ATTR_QUERY_TIMEOUT, number(timeout_s), SQL_IS_UINTEGER);
  if (!SQL_SUCCEEDED(::SQLPrepare(handle_, chars(sql), SQL_NTS)))
    return tl::make_unexpected(error("a statement cannot be prepared"));
  return {};
}

Result<void> Statement::execute(std::span<const Value> values) {
  finish();
  lengths_.assign(values.size(), SQL_NULL_DATA);
  SQLUSMALLINT at = 0;
  for (const Value& value : values) {
    const bool is_bytes = value.type == Type::bytes;
    const std::string_view text = value.text.value_or(std::string_view());
    if (value.text) lengths_[at] = static_cast<std::int64_t>(text.size());
    const SQLSMALLINT by_type = is_bytes ? SQL_LONGVARBINARY : SQL_VARCHAR;
    const SQLSMALLINT sql_type = value.sql_type != 0 ? value.sql_type : by_type;
    const SQLULEN size = std::max<std::size_t>(text.size(), 1);
    const SQLRETURN bound = ::SQLBindParameter(
        handle_, at + 1, SQL_PARAM_INPUT, is_bytes ? SQL_C_BINARY : SQL_C_CHAR, sql_type, size, 0,
        const_cast<char*>(text.data()), static_cast<SQLLEN>(text.size()),
        reinterpret_cast<SQLLEN*>(&lengths_[at]));
    if (!SQL_SUCCEEDED(bound)) return tl::make_unexpected(error("a value cannot be bound"));
    ++at;
  }
  const SQLRETURN executed = ::SQLExecute(handle_);
  if (SQL_SUCCEEDED(executed) || executed == SQL_NO_DATA) return {};
  return tl::make_unexpected(error("a statement fails"));
}

void Statement::finish() {
  if (handle_ != nullptr) ::SQLFreeStmt(handle_, SQL_CLOSE);
}

Result<bool> Statement::fetch() {
  const SQLRETURN fetched = ::SQLFetch(handle_);
  if (SQL_SUCCEEDED(fetched)) return true;
  if (fetched == SQL_NO_DATA) return false;
  return tl::make_unexpected(error("a row cannot be fetched"));
}

Result<std::int16_t> Statement::type_of(std::uint16_t column) {
  SQLSMALLINT name_size = 0;
  SQLSMALLINT type = 0;
  SQLULEN size = 0;
  SQLSMALLINT digits = 0;
  SQLSMALLINT nullable = 0;
  std::array<SQLCHAR, 256> name{};
  if (SQL_SUCCEEDED(::SQLDescribeCol(handle_, column, name.data(), name.size(), &name_size, &type,
                                     &size, &digits, &nullable)))
    return type;
  return tl::make_unexpected(error("a column cannot be described"));
}

bool Statement::is_binary(std::int16_t sql_type) {
  return sql_type == SQL_BINARY || sql_type == SQL_VARBINARY || sql_type == SQL_LONGVARBINARY;
}

Result<bool> Statement::append(std::uint16_t column, Type type, std::size_t bytes_max,
                               ByteBuffer& out) {
  const std::size_t begin = out.size();
  for (;;) {
    const std::size_t at = out.size();
    std::uint8_t* const piece = out.extend(kPiece);
    SQLLEN left = 0;
    const SQLRETURN got =
        ::SQLGetData(handle_, column, type == Type::bytes ? SQL_C_BINARY : SQL_C_CHAR, piece,
                     static_cast<SQLLEN>(kPiece), &left);
    out.resize(at);
    if (got == SQL_NO_DATA) return true;
    if (!SQL_SUCCEEDED(got)) return tl::make_unexpected(error("a value cannot be read"));
    if (left == SQL_NULL_DATA) return false;
    // Text ends with a NUL, also where more of it follows.
    const std::size_t room = type == Type::bytes ? kPiece : kPiece - 1;
    const bool is_whole = left != SQL_NO_TOTAL && static_cast<std::size_t>(left) <= room;
    out.resize(at + (is_whole ? static_cast<std::size_t>(left) : room));
    if (is_whole) return true;
    if (out.size() - begin < bytes_max) continue;
    out.resize(begin + bytes_max);
    return true;
  }
}

Result<std::optional<std::string>> Statement::text(std::uint16_t column) {
  ByteBuffer bytes;
  constexpr std::size_t kTextMax = std::size_t{1} << 20U;
  const Result<bool> has_value = append(column, Type::text, kTextMax, bytes);
  if (!has_value) return pass_on(has_value);
  if (!*has_value) return std::optional<std::string>();
  const ByteView view = bytes.view();
  return std::optional<std::string>(std::in_place, view.begin(), view.end());
}

Result<std::string> Connection::connection_text() const {
  std::string text = settings_.connection;
  if (!settings_.user.empty()) text += ";UID=" + literal_of(settings_.user);
  if (settings_.password.is_empty()) return text;
  const Result<std::string> password = settings_.password.resolve();
  if (!password) return pass_on(password);
  return text + ";PWD=" + literal_of(*password);
}

Result<void> Connection::connect() {
  disconnect();
  const Result<std::string> text = connection_text();
  if (!text) return pass_on(text);
  if (environment_ == nullptr) {
    if (!SQL_SUCCEEDED(::SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &environment_)))
      return fail(ErrorKind::source, "odbc: the driver manager gives no environment");
    ::SQLSetEnvAttr(environment_, SQL_ATTR_ODBC_VERSION, number(SQL_OV_ODBC3), 0);
  }
  SQLHANDLE made = nullptr;
  if (!SQL_SUCCEEDED(::SQLAllocHandle(SQL_HANDLE_DBC, environment_, &made)))
    return tl::make_unexpected(error_of(SQL_HANDLE_ENV, environment_, "no connection can be made"));
  ::SQLSetConnectAttr(made, SQL_ATTR_LOGIN_TIMEOUT, number(settings_.timeout_s), SQL_IS_UINTEGER);
  const SQLRETURN connected = ::SQLDriverConnect(made, nullptr, chars(*text), SQL_NTS, nullptr, 0,
                                                 nullptr, SQL_DRIVER_NOPROMPT);
  if (!SQL_SUCCEEDED(connected)) {
    Error error = error_of(SQL_HANDLE_DBC, made, "it cannot connect");
    ::SQLFreeHandle(SQL_HANDLE_DBC, made);
    return tl::make_unexpected(std::move(error));
  }
  handle_ = made;
  const SQLRETURN manual = ::SQLSetConnectAttr(handle_, SQL_ATTR_AUTOCOMMIT,
                                               number(SQL_AUTOCOMMIT_OFF), SQL_IS_UINTEGER);
  if (!SQL_SUCCEEDED(manual)) {
    Error error = error_of(SQL_HANDLE_DBC, handle_, "the driver has no transactions");
    disconnect();
    return tl::make_unexpected(std::move(error));
  }
  learn_dialect();
  return {};
}

void Connection::learn_dialect() {
  std::array<char, 128> name{};
  SQLSMALLINT size = 0;
  ::SQLGetInfo(handle_, SQL_DBMS_NAME, name.data(), static_cast<SQLSMALLINT>(name.size()), &size);
  dialect_ = {.name = name.data()};
  const auto is = [&](std::string_view product) {
    return std::string_view(dialect_.name).starts_with(product);
  };
  const bool is_postgresql = is("PostgreSQL");
  const bool is_mysql = is("MySQL") || is("MariaDB");
  dialect_.skips_locked = is_postgresql || is_mysql;
  dialect_.limits = is_postgresql || is_mysql || is("SQLite");
  dialect_.ignores_conflicts = is_postgresql || is("SQLite");
}

void Connection::disconnect() {
  if (handle_ != nullptr) {
    roll_back();
    ::SQLDisconnect(handle_);
    ::SQLFreeHandle(SQL_HANDLE_DBC, std::exchange(handle_, nullptr));
  }
  if (environment_ != nullptr)
    ::SQLFreeHandle(SQL_HANDLE_ENV, std::exchange(environment_, nullptr));
}

Result<Statement> Connection::prepare(const std::string& sql) {
  SQLHANDLE made = nullptr;
  if (!SQL_SUCCEEDED(::SQLAllocHandle(SQL_HANDLE_STMT, handle_, &made)))
    return tl::make_unexpected(error_of(SQL_HANDLE_DBC, handle_, "no statement can be made"));
  Statement statement(made);
  const Result<void> prepared = statement.prepare(sql, settings_.timeout_s);
  if (!prepared) return pass_on(prepared);
  return statement;
}

Result<void> Connection::commit() {
  if (SQL_SUCCEEDED(::SQLEndTran(SQL_HANDLE_DBC, handle_, SQL_COMMIT))) return {};
  return tl::make_unexpected(error_of(SQL_HANDLE_DBC, handle_, "a commit fails"));
}

void Connection::roll_back() {
  if (handle_ != nullptr) ::SQLEndTran(SQL_HANDLE_DBC, handle_, SQL_ROLLBACK);
}

}  // namespace copybridge::odbc
