// Errors and results of every part: one kind per reaction, one sentence per message.
#pragma once

#include <cstdint>
#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace copybridge {

/// What went wrong, by what has to happen next. `is_retryable` and `exit_code` are the two
/// places that decide on it.
enum class ErrorKind : std::uint8_t {
  usage,         ///< the command line is wrong
  config,        ///< a bridge or mapping file is wrong
  copybook,      ///< a copybook is wrong
  framing,       ///< records cannot be told apart in the input; position given
  bad_record,    ///< one record does not fit its copybook or mapping
  peer_away,     ///< an endpoint is away, slow or throttling
  peer_refused,  ///< an endpoint refuses: credentials, address, rights
  source,        ///< a source cannot be read or settled
  storage,       ///< local state cannot be read or written
};

/// A place in a text file. Lines and columns count from 1; 0 means unknown.
struct Where {
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

/// `file:line:column`, leaving out what is unknown; empty where nothing is known.
[[nodiscard]] std::string to_string(const Where& where);

/// One error: a sentence that begins with the component and names the position. It never holds
/// the contents of a record or a secret.
struct Error {
  ErrorKind kind = ErrorKind::usage;
  std::string message;
  Where where;
};

/// `file:line:column: message`, or the message alone where the place is unknown.
[[nodiscard]] std::string to_string(const Error& error);

/// Whether trying again later can help without anybody changing anything.
[[nodiscard]] bool is_retryable(ErrorKind kind);

/// The process's exit code for an error of this kind (DESIGN section 6): 1 usage or
/// configuration, 2 rejected records, 3 broken framing, 4 endpoint, source or storage.
[[nodiscard]] int exit_code(ErrorKind kind);

/// A value or an Error. Must be looked at; names are std::expected's.
template <typename T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
  /// Success. Spelt out, not defaulted: `return {}` would set all of the Error's bytes to zero.
  constexpr Result()  // NOLINT(modernize-use-equals-default)
      requires std::is_default_constructible_v<tl::expected<T, Error>> {}
};

/// Makes the failed Result of any type: `return fail(ErrorKind::framing, "…");`
[[nodiscard]] inline tl::unexpected<Error> fail(ErrorKind kind, std::string message,
                                                Where where = {}) {
  return tl::make_unexpected(Error{kind, std::move(message), std::move(where)});
}

/// Hands a failure on: `if (!result) return pass_on(result);`
template <typename T>
[[nodiscard]] tl::unexpected<Error> pass_on(const Result<T>& result) {
  return tl::make_unexpected(result.error());
}

}  // namespace copybridge
