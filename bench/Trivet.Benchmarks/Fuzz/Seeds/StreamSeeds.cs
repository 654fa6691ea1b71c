namespace Trivet.Benchmarks.Fuzz.Seeds;

/// <summary>Streams of upstreams, one event's data a line.</summary>
internal static class StreamSeeds
{
    public static string[] Chat { get; } =
    [
        """
        {"id":"c","created":1700000000,"model":"m","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}
        {"id":"c","choices":[{"index":0,"delta":{"reasoning_content":"hi"}}]}
        {"id":"c","choices":[{"index":0,"delta":{"content":"Hel"},"logprobs":null}]}
        {"id":"c","choices":[{"index":0,"delta":{"content":"lo <thi"}}]}
        {"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}
        {"id":"c","choices":[],"usage":{"prompt_tokens":5,"completion_tokens":3,"total_tokens":8}}
        [DONE]
        """,
        """
        {"id":"c","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"add","arguments":""}}]}}]}
        {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"a\""}}]}}]}
        {"choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"call_2","function":{"name":"look","arguments":"{}"}},{"index":0,"function":{"arguments":":2}"}}]}}]}
        {"choices":[{"index":0,"delta":{"content":""},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":5,"completion_tokens":3}}
        [DONE]
        """,
        """
        {"model":"m","choices":[{"delta":{"content":"<think>","reasoning_details":[{"type":"reasoning.text","text":"t","index":0}]}}]}
        {"choices":[{"delta":{"content":"\ud83d"}}]}
        {"choices":[{"delta":{"content":"\ude00</think>\n"}},{"index":1,"delta":{"content":"b"}}]}
        {"choices":[{"delta":{"refusal":"no","annotations":[{"type":"url_citation","url_citation":{"url":"u","title":"t","start_index":0,"end_index":1}}]},"finish_reason":"length"}]}
        [DONE]
        """,
    ];

    public static string[] Responses { get; } =
    [
        """
        {"type":"response.created","sequence_number":0,"response":{"id":"resp_1","object":"response","created_at":1700000000,"model":"m","status":"in_progress","output":[]}}
        {"type":"response.output_item.added","output_index":0,"item":{"type":"reasoning","id":"rs_1","summary":[]}}
        {"type":"response.reasoning_summary_part.added","item_id":"rs_1","output_index":0,"summary_index":0,"part":{"type":"summary_text","text":""}}
        {"type":"response.reasoning_summary_text.delta","item_id":"rs_1","output_index":0,"summary_index":0,"delta":"hi"}
        {"type":"response.reasoning_summary_part.done","item_id":"rs_1","output_index":0,"summary_index":0,"part":{"type":"summary_text","text":"hi"}}
        {"type":"response.output_item.done","output_index":0,"item":{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"hi"}],"encrypted_content":"gAAAA"}}
        {"type":"response.output_item.added","output_index":1,"item":{"type":"message","id":"msg_1","role":"assistant","status":"in_progress","content":[]}}
        {"type":"response.content_part.added","item_id":"msg_1","output_index":1,"content_index":0,"part":{"type":"output_text","text":"","annotations":[]}}
        {"type":"response.output_text.delta","item_id":"msg_1","output_index":1,"content_index":0,"delta":"Hello"}
        {"type":"response.output_text.annotation.added","item_id":"msg_1","output_index":1,"content_index":0,"annotation_index":0,"annotation":{"type":"url_citation","url":"u","title":"t","start_index":0,"end_index":2}}
        {"type":"response.output_text.done","item_id":"msg_1","output_index":1,"content_index":0,"text":"Hello"}
        {"type":"response.content_part.done","item_id":"msg_1","output_index":1,"content_index":0,"part":{"type":"output_text","text":"Hello","annotations":[]}}
        {"type":"response.output_item.done","output_index":1,"item":{"type":"message","id":"msg_1","role":"assistant","status":"completed","content":[{"type":"output_text","text":"Hello","annotations":[]}]}}
        {"type":"response.completed","response":{"id":"resp_1","model":"m","status":"completed","output":[],"usage":{"input_tokens":5,"output_tokens":3,"total_tokens":8}}}
        """,
        """
        {"type":"response.created","response":{"id":"resp_1","model":"m"}}
        {"type":"response.output_item.added","output_index":0,"item":{"type":"function_call","id":"fc_1","call_id":"call_1","name":"add","arguments":""}}
        {"type":"response.function_call_arguments.delta","item_id":"fc_1","output_index":0,"delta":"{\"a\":"}
        {"type":"response.output_item.added","output_index":1,"item":{"type":"custom_tool_call","id":"ctc_1","call_id":"call_2","name":"run","input":""}}
        {"type":"response.custom_tool_call_input.delta","item_id":"ctc_1","output_index":1,"delta":"ls"}
        {"type":"response.function_call_arguments.delta","item_id":"fc_1","output_index":0,"delta":"2}"}
        {"type":"response.function_call_arguments.done","item_id":"fc_1","output_index":0,"arguments":"{\"a\":2}"}
        {"type":"response.output_item.done","output_index":0,"item":{"type":"function_call","id":"fc_1","call_id":"call_1","name":"add","arguments":"{\"a\":2}"}}
        {"type":"response.output_item.done","output_index":1,"item":{"type":"custom_tool_call","id":"ctc_1","call_id":"call_2","name":"run","input":"ls"}}
        {"type":"response.output_item.done","output_index":2,"item":{"type":"web_search_call","id":"ws_1","status":"completed"}}
        {"type":"response.incomplete","response":{"id":"resp_1","status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"usage":{"input_tokens":5,"output_tokens":3}}}
        """,
        """
        {"type":"response.created","response":{"id":"resp_1","model":"m"}}
        {"type":"response.output_item.added","output_index":0,"item":{"type":"message","id":"msg_1","content":[]}}
        {"type":"response.content_part.added","output_index":0,"content_index":0,"part":{"type":"refusal","refusal":""}}
        {"type":"response.refusal.delta","output_index":0,"content_index":0,"delta":"no"}
        {"type":"response.refusal.done","output_index":0,"content_index":0,"refusal":"no"}
        {"type":"error","code":"server_error","message":"no","param":null}
        {"type":"response.failed","response":{"id":"resp_1","status":"failed","error":{"code":"server_error","message":"no"}}}
        """,
    ];

    public static string[] Messages { get; } =
    [
        """
        {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"usage":{"input_tokens":5,"output_tokens":1,"cache_read_input_tokens":2}}}
        {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}
        {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hi"}}
        {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"EqQB"}}
        {"type":"content_block_stop","index":0}
        {"type":"ping"}
        {"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}
        {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Hello"}}
        {"type":"content_block_delta","index":1,"delta":{"type":"citations_delta","citation":{"type":"web_search_result_location","url":"u","title":"t","encrypted_index":"x","cited_text":"c"}}}
        {"type":"content_block_stop","index":1}
        {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":3}}
        {"type":"message_stop"}
        """,
        """
        {"type":"message_start","message":{"id":"msg_1","model":"m","usage":{"input_tokens":5,"output_tokens":1}}}
        {"type":"content_block_start","index":0,"content_block":{"type":"redacted_thinking","data":"AAAA"}}
        {"type":"content_block_stop","index":0}
        {"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"toolu_1","name":"add","input":{}}}
        {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":""}}
        {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"a\": 2}"}}
        {"type":"content_block_stop","index":1}
        {"type":"content_block_start","index":2,"content_block":{"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{}}}
        {"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\"query\":\"q\"}"}}
        {"type":"content_block_stop","index":2}
        {"type":"content_block_start","index":3,"content_block":{"type":"web_search_tool_result","tool_use_id":"srvtoolu_1","content":[]}}
        {"type":"content_block_stop","index":3}
        {"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":3}}
        {"type":"message_stop"}
        """,
        """
        {"type":"message_start","message":{"id":"msg_1","model":"m","usage":{"input_tokens":5}}}
        {"type":"content_block_start","index":0,"content_block":{"type":"text","text":"a"}}
        {"type":"error","error":{"type":"overloaded_error","message":"no"}}
        """,
    ];

    public static string[] Gemini { get; } =
    [
        """
        {"candidates":[{"content":{"role":"model","parts":[{"text":"hi","thought":true}]},"index":0}],"modelVersion":"m","responseId":"r"}
        {"candidates":[{"content":{"parts":[{"text":"Hello"}]},"index":0}],"usageMetadata":{"promptTokenCount":5}}
        {"candidates":[{"content":{"parts":[{"text":"","thoughtSignature":"EqQB"}]},"finishReason":"STOP","groundingMetadata":{"groundingChunks":[{"web":{"uri":"u","title":"t"}}],"groundingSupports":[{"segment":{"endIndex":2,"text":"He"},"groundingChunkIndices":[0]}]}}],"usageMetadata":{"promptTokenCount":5,"candidatesTokenCount":3,"totalTokenCount":8}}
        """,
        """
        {"candidates":[{"content":{"parts":[{"functionCall":{"id":"c1","name":"add","args":{"a":2}},"thoughtSignature":"x"},{"functionCall":{"name":"look"}}]}}],"modelVersion":"m"}
        {"candidates":[{"content":{"parts":[{"functionCall":{"id":"c3","name":"add","partialArgs":[{"jsonPath":"$.a","numberValue":2},{"jsonPath":"$.b[0].c","stringValue":"s","willContinue":true}],"willContinue":true}}]}}]}
        {"candidates":[{"content":{"parts":[{"functionCall":{"partialArgs":[{"jsonPath":"$.b[0].c","stringValue":"t"}],"willContinue":true}},{"functionCall":{}}]}}]}
        {"candidates":[{"content":{"parts":[{"executableCode":{"language":"PYTHON","code":"1"}},{"codeExecutionResult":{"outcome":"OUTCOME_OK","output":"1"}}]}}]}
        {"candidates":[{"finishReason":"MALFORMED_FUNCTION_CALL","finishMessage":"m"}],"usageMetadata":{"promptTokenCount":5,"totalTokenCount":5}}
        """,
        """
        {"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"},"usageMetadata":{"promptTokenCount":5}}
        {"error":{"code":503,"message":"no","status":"UNAVAILABLE"}}
        """,
    ];

    public static string[] Bedrock { get; } =
    [
        """
        messageStart {"role":"assistant","p":"ab"}
        contentBlockDelta {"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"hi"}}}
        contentBlockDelta {"contentBlockIndex":0,"delta":{"reasoningContent":{"signature":"EqQB"}}}
        contentBlockStop {"contentBlockIndex":0}
        contentBlockDelta {"contentBlockIndex":1,"delta":{"text":"Hello"}}
        contentBlockStop {"contentBlockIndex":1}
        messageStop {"stopReason":"end_turn","additionalModelResponseFields":{"stop_sequence":"a"}}
        metadata {"usage":{"inputTokens":5,"outputTokens":3,"totalTokens":8},"metrics":{"latencyMs":1}}
        """,
        """
        messageStart {"role":"assistant"}
        contentBlockStart {"contentBlockIndex":0,"start":{"toolUse":{"toolUseId":"tooluse_1","name":"add"}}}
        contentBlockDelta {"contentBlockIndex":0,"delta":{"toolUse":{"input":"{\"a\""}}}
        contentBlockDelta {"contentBlockIndex":0,"delta":{"toolUse":{"input":":2}"}}}
        contentBlockStop {"contentBlockIndex":0}
        contentBlockDelta {"contentBlockIndex":1,"delta":{"reasoningContent":{"redactedContent":"AAAA"}}}
        messageStop {"stopReason":"tool_use"}
        exception:throttlingException {"message":"no"}
        """,
    ];
}
