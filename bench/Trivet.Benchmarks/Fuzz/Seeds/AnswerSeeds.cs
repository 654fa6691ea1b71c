namespace Trivet.Benchmarks.Fuzz.Seeds;

/// <summary>Whole answers of upstreams.</summary>
internal static class AnswerSeeds
{
    public static string[] Chat { get; } =
    [
        """{"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hello","reasoning_content":"hi","annotations":[{"type":"url_citation","url_citation":{"url":"https://a.test","title":"t","start_index":0,"end_index":2}}]},"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":3,"total_tokens":8,"prompt_tokens_details":{"cached_tokens":1},"completion_tokens_details":{"reasoning_tokens":1}}}""",
        """{"id":"c","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":null,"refusal":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"add","arguments":"{\"a\":2}"}},{"id":"call_2","type":"custom","custom":{"name":"run","input":"ls"}}],"reasoning_details":[{"type":"reasoning.encrypted","data":"x","id":"r"},{"type":"reasoning.text","text":"t","signature":"s"}]},"finish_reason":"tool_calls"},{"index":1,"message":{"content":"b"},"finish_reason":"length"}],"usage":{"prompt_tokens":5,"completion_tokens":3,"prompt_cache_hit_tokens":2}}""",
        """{"id":"c","choices":[{"message":{"content":"<think>why</think>so"},"finish_reason":"content_filter"}],"base_resp":{"status_code":0,"status_msg":""}}""",
        """{"error":{"message":"no","type":"server_error","code":"x"}}""",
    ];

    public static string[] Responses { get; } =
    [
        """{"id":"resp_1","object":"response","created_at":1700000000,"status":"completed","model":"m","output":[{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"s"}],"encrypted_content":"gAAAA"},{"type":"message","id":"msg_1","role":"assistant","status":"completed","content":[{"type":"output_text","text":"Hello","annotations":[{"type":"url_citation","url":"https://a.test","title":"t","start_index":0,"end_index":2}],"logprobs":[]}]}],"usage":{"input_tokens":5,"output_tokens":3,"total_tokens":8,"input_tokens_details":{"cached_tokens":1},"output_tokens_details":{"reasoning_tokens":1}}}""",
        """{"id":"resp_1","object":"response","status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"model":"m","output":[{"type":"function_call","id":"fc_1","call_id":"call_1","name":"add","arguments":"{\"a\":2}","status":"completed"},{"type":"custom_tool_call","id":"ctc_1","call_id":"call_2","name":"run","input":"ls"},{"type":"web_search_call","id":"ws_1","status":"completed","action":{"type":"search","query":"q"}},{"type":"message","content":[{"type":"refusal","refusal":"no"}]}]}""",
        """{"id":"resp_1","object":"response","status":"failed","error":{"code":"server_error","message":"no"},"output":[]}""",
    ];

    public static string[] Messages { get; } =
    [
        """{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"thinking","thinking":"hi","signature":"EqQB"},{"type":"redacted_thinking","data":"AAAA"},{"type":"text","text":"Hello","citations":[{"type":"web_search_result_location","url":"https://a.test","title":"t","encrypted_index":"x","cited_text":"c"}]}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":5,"output_tokens":3,"cache_creation_input_tokens":1,"cache_read_input_tokens":2,"cache_creation":{"ephemeral_5m_input_tokens":1,"ephemeral_1h_input_tokens":0}}}""",
        """{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"tool_use","id":"toolu_1","name":"add","input":{"a":2}},{"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{"query":"q"}},{"type":"web_search_tool_result","tool_use_id":"srvtoolu_1","content":[]}],"stop_reason":"tool_use","usage":{"input_tokens":5,"output_tokens":3,"server_tool_use":{"web_search_requests":1}}}""",
        """{"id":"msg_1","type":"message","role":"assistant","content":[{"type":"text","text":"a"}],"stop_reason":"stop_sequence","stop_sequence":"b","usage":{"input_tokens":1,"output_tokens":1}}""",
        """{"type":"error","error":{"type":"overloaded_error","message":"no"},"request_id":"r"}""",
    ];

    public static string[] Gemini { get; } =
    [
        """{"candidates":[{"content":{"role":"model","parts":[{"text":"hi","thought":true},{"text":"Hello","thoughtSignature":"EqQB"}]},"finishReason":"STOP","index":0,"groundingMetadata":{"groundingChunks":[{"web":{"uri":"https://a.test","title":"t"}}],"groundingSupports":[{"segment":{"startIndex":0,"endIndex":2,"text":"He"},"groundingChunkIndices":[0]}]},"citationMetadata":{"citationSources":[{"startIndex":0,"endIndex":2,"uri":"https://a.test"}]}}],"usageMetadata":{"promptTokenCount":5,"candidatesTokenCount":3,"thoughtsTokenCount":1,"totalTokenCount":9,"cachedContentTokenCount":1},"modelVersion":"m","responseId":"r"}""",
        """{"candidates":[{"content":{"parts":[{"functionCall":{"name":"add","args":{"a":2}}},{"functionCall":{"id":"c2","name":"look","args":{}},"thoughtSignature":"x"},{"executableCode":{"language":"PYTHON","code":"1"}},{"inlineData":{"mimeType":"image/png","data":"iVBORw0KGgo="}}]},"finishReason":"MAX_TOKENS"},{"content":{"parts":[{"text":"b"}]},"index":1}],"modelVersion":"m"}""",
        """{"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":5}}""",
        """[{"error":{"code":429,"message":"no","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"3.5s"}]}}]""",
    ];

    public static string[] Bedrock { get; } =
    [
        """{"metrics":{"latencyMs":100},"output":{"message":{"role":"assistant","content":[{"reasoningContent":{"reasoningText":{"text":"hi","signature":"EqQB"}}},{"text":"Hello"}]}},"stopReason":"end_turn","usage":{"inputTokens":5,"outputTokens":3,"totalTokens":8,"cacheReadInputTokens":1,"cacheWriteInputTokens":0}}""",
        """{"output":{"message":{"role":"assistant","content":[{"toolUse":{"toolUseId":"tooluse_1","name":"add","input":{"a":2}}},{"reasoningContent":{"redactedContent":"AAAA"}},{"image":{"format":"png","source":{"bytes":"iVBORw0KGgo="}}}]}},"stopReason":"tool_use","additionalModelResponseFields":{"stop_sequence":"a"},"usage":{"inputTokens":5,"outputTokens":3}}""",
        """{"message":"The security token is invalid.","__type":"UnrecognizedClientException"}""",
    ];
}
