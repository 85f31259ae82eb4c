// Faults by script: COPYBRIDGE_MQ_FAULTS="MQCMIT:2009:1:after,MQGET:2016:3-5,MQPUT:KILL:2".
// Each entry is the verb, a reason or KILL, which calls of the process fail (N, N-M or N+), and
// whether the verb was done before (after). Reason 2009 breaks the connection; MQCMIT:2003 backs
// out.
#pragma once

#include <string_view>

#include "adapters/ibm_mq/mqi_types.h"

namespace copybridge::mq_double {

struct Fault {
  mqi::Long reason = 0;  ///< 0: none
  bool is_after = false;
  bool is_kill = false;
};

/// What is to happen to this call of the verb. Counts the call.
Fault next_fault(std::string_view verb);

/// Ends the process as SIGKILL does where the fault says so.
void kill_if_asked(const Fault& fault, bool is_after);

}  // namespace copybridge::mq_double
