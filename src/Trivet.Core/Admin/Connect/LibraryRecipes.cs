using Trivet.Wire.Canonical;

namespace Trivet.Core.Admin.Connect;

/// <summary>Libraries: variables, and a few lines that work as they stand.</summary>
internal static class LibraryRecipes
{
    private const string OfVendor = "in Python, for example; every SDK of that vendor reads the same variables";

    public static IReadOnlyList<ClientRecipe> All { get; } = [OpenAI(), Anthropic(), GoogleGenAI(), VercelAI(), LangChain()];

    private static ClientRecipe OpenAI() => new()
    {
        Name = "openai",
        DisplayName = "the OpenAI SDKs",
        Protocol = Protocol.OpenAIChat,
        Environment = target => [("OPENAI_BASE_URL", target.Address + "/v1"), ("OPENAI_API_KEY", target.Key)],
        Sample = target => (OfVendor, $$"""
            from openai import OpenAI
            client = OpenAI()  # reads both variables
            print(client.chat.completions.create(model="{{target.Model}}", messages=[{"role": "user", "content": "Hello"}]).choices[0].message.content)
            """),
    };

    private static ClientRecipe Anthropic() => new()
    {
        Name = "anthropic",
        DisplayName = "the Anthropic SDKs",
        Protocol = Protocol.AnthropicMessages,
        Environment = target => [("ANTHROPIC_BASE_URL", target.Address), ("ANTHROPIC_API_KEY", target.Key)],
        Unset = ["ANTHROPIC_AUTH_TOKEN"],
        Sample = target => (OfVendor, $$"""
            from anthropic import Anthropic
            client = Anthropic()  # reads both variables
            print(client.messages.create(model="{{target.Model}}", max_tokens=1024, messages=[{"role": "user", "content": "Hello"}]).content)
            """),
    };

    private static ClientRecipe GoogleGenAI() => new()
    {
        Name = "google-genai",
        DisplayName = "the Google Gen AI SDKs",
        Protocol = Protocol.Gemini,
        Environment = target => [("GOOGLE_GEMINI_BASE_URL", target.Address), ("GEMINI_API_KEY", target.Key)],
        Unset = ["GOOGLE_API_KEY"],
        Sample = target => (OfVendor, $$"""
            from google import genai
            client = genai.Client()  # reads both variables
            print(client.models.generate_content(model="{{target.Model}}", contents="Hello").text)
            """),
    };

    private static ClientRecipe VercelAI() => new()
    {
        Name = "vercel-ai",
        DisplayName = "the Vercel AI SDK",
        Protocol = Protocol.OpenAIChat,
        Environment = target => [("TRIVET_KEY", target.Key)],
        Sample = target => ("in JavaScript; npm install ai @ai-sdk/openai-compatible", $$"""
            import { generateText } from 'ai';
            import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
            const trivet = createOpenAICompatible({
              name: 'trivet', baseURL: '{{target.Address}}/v1', apiKey: process.env.TRIVET_KEY, includeUsage: true, supportsStructuredOutputs: true,
            });
            console.log((await generateText({ model: trivet('{{target.Model}}'), prompt: 'Hello' })).text);
            """),
        Notes =
        [
            "The other packages work as well: createOpenAI and createAnthropic with baseURL /v1, createGoogleGenerativeAI with baseURL /v1beta.",
            "createOpenAI(...)(model) speaks Responses; createOpenAI(...).chat(model) speaks Chat and shows no reasoning.",
        ],
    };

    private static ClientRecipe LangChain() => new()
    {
        Name = "langchain",
        DisplayName = "LangChain",
        Protocol = Protocol.OpenAIChat,
        Environment = target => [("OPENAI_API_KEY", target.Key)],
        Sample = target => ("in Python; pip install langchain-openai", $$"""
            from langchain_openai import ChatOpenAI
            model = ChatOpenAI(model="{{target.Model}}", base_url="{{target.Address}}/v1")
            print(model.invoke("Hello").content)
            """),
        Notes =
        [
            "ChatAnthropic(base_url=...) takes the address without a path; ChatGoogleGenerativeAI takes it as base_url too. LlamaIndex, Haystack and others take what ChatOpenAI takes.",
        ],
    };
}
