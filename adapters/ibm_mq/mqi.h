// IBM's Message Queue Interface as the client library exports it: own declarations of its types,
// and the verbs that copybridge calls. The layout is held by mqi_layout.cc.
#pragma once

#include "adapters/ibm_mq/mqi_calls.h"
#include "adapters/ibm_mq/mqi_connection.h"
#include "adapters/ibm_mq/mqi_constants.h"
#include "adapters/ibm_mq/mqi_headers.h"
#include "adapters/ibm_mq/mqi_reasons.h"
#include "adapters/ibm_mq/mqi_types.h"

namespace copybridge::mqi {

// The last two arguments of every verb are its completion code and its reason.
using MqConnxFn = void(const char* q_mgr_name, MQCNO*, Hconn*, Long* comp_code, Long* reason);
using MqDiscFn = void(Hconn*, Long* comp_code, Long* reason);
using MqOpenFn = void(Hconn, MQOD*, Long options, Hobj*, Long* comp_code, Long* reason);
using MqCloseFn = void(Hconn, Hobj*, Long options, Long* comp_code, Long* reason);
using MqGetFn = void(Hconn, Hobj, MQMD*, MQGMO*, Long buffer_length, void* buffer,
                     Long* data_length, Long* comp_code, Long* reason);
using MqPutFn = void(Hconn, Hobj, MQMD*, MQPMO*, Long buffer_length, const void* buffer,
                     Long* comp_code, Long* reason);
using MqPut1Fn = void(Hconn, MQOD*, MQMD*, MQPMO*, Long buffer_length, const void* buffer,
                      Long* comp_code, Long* reason);
/// MQCMIT and MQBACK.
using MqSettleFn = void(Hconn, Long* comp_code, Long* reason);
using MqInqFn = void(Hconn, Hobj, Long selector_count, const Long* selectors, Long int_attr_count,
                     Long* int_attrs, Long char_attr_length, char* char_attrs, Long* comp_code,
                     Long* reason);
using MqCrtmhFn = void(Hconn, MQCMHO*, Hmsg*, Long* comp_code, Long* reason);
using MqDltmhFn = void(Hconn, Hmsg*, MQDMHO*, Long* comp_code, Long* reason);
using MqSetmpFn = void(Hconn, Hmsg, MQSMPO*, MQCHARV* name, MQPD*, Long type, Long value_length,
                       const void* value, Long* comp_code, Long* reason);
using MqInqmpFn = void(Hconn, Hmsg, MQIMPO*, MQCHARV* name, MQPD*, Long* type, Long value_length,
                       void* value, Long* data_length, Long* comp_code, Long* reason);
using MqCbFn = void(Hconn, Long operation, MQCBD*, Hobj, MQMD*, MQGMO*, Long* comp_code,
                    Long* reason);
using MqCtlFn = void(Hconn, Long operation, MQCTLO*, Long* comp_code, Long* reason);
/// What MQCB registers.
using MqCallbackFn = void(Hconn, MQMD*, MQGMO*, void* buffer, MQCBC*);

}  // namespace copybridge::mqi
