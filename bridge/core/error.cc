// Texts and reactions of errors.
#include "bridge/core/error.h"

namespace copybridge {

std::string to_string(const Where& where) {
  std::string text = where.file;
  if (where.line != 0) text += ":" + std::to_string(where.line);
  if (where.line != 0 && where.column != 0) text += ":" + std::to_string(where.column);
  return text;
}

std::string to_string(const Error& error) {
  const std::string place = to_string(error.where);
  return place.empty() ? error.message : place + ": " + error.message;
}

bool is_retryable(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::peer_away:
    case ErrorKind::peer_refused:
    case ErrorKind::source:
    case ErrorKind::storage:
      return true;
    case ErrorKind::usage:
    case ErrorKind::config:
    case ErrorKind::copybook:
    case ErrorKind::framing:
    case ErrorKind::bad_record:
      return false;
  }
  return false;
}

int exit_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::usage:
    case ErrorKind::config:
    case ErrorKind::copybook:
      return 1;
    case ErrorKind::bad_record:
      return 2;
    case ErrorKind::framing:
      return 3;
    case ErrorKind::peer_away:
    case ErrorKind::peer_refused:
    case ErrorKind::source:
    case ErrorKind::storage:
      return 4;
  }
  return 4;
}

}  // namespace copybridge
