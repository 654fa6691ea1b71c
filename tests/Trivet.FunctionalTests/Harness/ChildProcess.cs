using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Trivet.FunctionalTests.Harness;

/// <summary>A process started by a test, with its output kept. Ended by its own PID, together with its children.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private const int Sigterm = 15;

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ChildProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, e) => Keep(_output, e.Data);
        process.ErrorDataReceived += (_, e) => Keep(_error, e.Data);
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => _ended.TrySetResult();
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    public string Output => Read(_output);

    public string Error => Read(_error);

    /// <summary>Both outputs, for messages of failed assertions.</summary>
    public string Everything => $"--- stdout\n{Output}\n--- stderr\n{Error}";

    /// <param name="file">The executable.</param>
    /// <param name="arguments">Its arguments, unquoted.</param>
    /// <param name="environment">Variables to set; null removes one.</param>
    /// <param name="folder">The working folder.</param>
    /// <param name="isClean">Start with no variable but <paramref name="environment"/>'s, as <c>env -i</c> does.</param>
    public static ChildProcess Start(
        string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null, string? folder = null, bool isClean = false)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? "",
        };
        if (isClean)
        {
            start.Environment.Clear();
        }

        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
        {
            if (value is null)
            {
                start.Environment.Remove(name);
            }
            else
            {
                start.Environment[name] = value;
            }
        }

        var child = new ChildProcess(new Process { StartInfo = start });
        child._process.Start();
        child._process.StandardInput.Close();
        child._process.BeginOutputReadLine();
        child._process.BeginErrorReadLine();
        return child;
    }

    /// <summary>Runs to the end.</summary>
    public static async Task<ChildProcess> RunAsync(
        string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null, string? folder = null, bool isClean = false, int secondsMax = 120)
    {
        var child = Start(file, arguments, environment, folder, isClean);
        await child.WaitForExitAsync(secondsMax);
        return child;
    }

    public async Task WaitForExitAsync(int secondsMax)
    {
        try
        {
            await _ended.Task.WaitAsync(TimeSpan.FromSeconds(secondsMax), TestContext.Current.CancellationToken);
            await _process.WaitForExitAsync(TestContext.Current.CancellationToken); // and for the end of its output
        }
        catch (TimeoutException)
        {
            Kill();
            Assert.Fail($"{_process.StartInfo.FileName} has not ended after {secondsMax} s\n{Everything}");
        }
    }

    /// <summary>Waits until a condition on the output holds, or the process has ended.</summary>
    public async Task<bool> WaitForAsync(Func<ChildProcess, bool> condition, int secondsMax)
    {
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < TimeSpan.FromSeconds(secondsMax); await Task.Delay(20))
        {
            if (condition(this))
            {
                return true;
            }

            if (HasExited)
            {
                await _process.WaitForExitAsync();
                return condition(this);
            }
        }

        return false;
    }

    /// <summary>Asks it to end, as a service manager does, and waits.</summary>
    public async Task TerminateAsync(int secondsMax = 30)
    {
        if (!HasExited)
        {
            _ = SendSignal(_process.Id, Sigterm);
            await WaitForExitAsync(secondsMax);
        }
    }

    /// <summary>Ends it and its children at once, as a crash would.</summary>
    public void Kill()
    {
        if (!HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int processId, int signal);

    private static void Keep(StringBuilder text, string? line)
    {
        if (line is not null)
        {
            lock (text)
            {
                text.Append(line).Append('\n');
            }
        }
    }

    private static string Read(StringBuilder text)
    {
        lock (text)
        {
            return text.ToString();
        }
    }
}
