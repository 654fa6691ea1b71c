namespace Trivet.Sandbox.Scripts;

/// <summary>Pushed scripts, taken in the order they came.</summary>
internal sealed class ScriptBook
{
    private readonly Lock _gate = new();
    private readonly List<Script> _scripts = [];
    private volatile bool _isEmpty = true;

    public void Push(IEnumerable<Script> scripts)
    {
        lock (_gate)
        {
            _scripts.AddRange(scripts);
            _isEmpty = _scripts.Count == 0;
        }
    }

    public ScriptedReply? Take(string model, string protocol)
    {
        if (_isEmpty)
        {
            return null;
        }

        lock (_gate)
        {
            var script = _scripts.Find(s => s.Matches(model, protocol));
            if (script is null)
            {
                return null;
            }

            if (--script.Left == 0)
            {
                _scripts.Remove(script);
                _isEmpty = _scripts.Count == 0;
            }

            return script.Reply;
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _scripts.Clear();
            _isEmpty = true;
        }
    }

    public IReadOnlyList<(string? Model, string? Protocol, int Left)> List()
    {
        lock (_gate)
        {
            return [.. _scripts.Select(s => (s.ModelPattern, s.Protocol, s.Left))];
        }
    }
}
