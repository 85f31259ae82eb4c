// MQGMO_CONVERT for messages of format MQSTR, by the tables of the C library.
#pragma once

#include <string>

#include "tests/support/mq_double/wire.h"

namespace copybridge::mq_double {

/// Converts `text`, which `md` describes, to the CCSID `target`; `md` then describes the result.
/// What is as wanted stays, whatever its format; what cannot be converted stays, with a warning.
Outcome convert(mqi::MQMD& md, Long target, Long encoding, std::string& text);

}  // namespace copybridge::mq_double
