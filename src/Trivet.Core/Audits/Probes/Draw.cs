namespace Trivet.Core.Audits.Probes;

/// <summary>Draws the parts of items: numbers, words, names, and the wording in the item's language. SplitMix64, so that a seed means the same on every runtime and node.</summary>
internal sealed class Draw(int seed, ItemLanguage language)
{
    private static readonly string[] Words =
    [
        "anchor", "basket", "candle", "dragon", "engine", "forest", "garden", "harbor", "island", "jacket", "kettle", "ladder", "marble", "needle", "orange", "pepper", "quartz", "ribbon", "saddle", "timber",
        "umbrella", "velvet", "window", "yellow", "zipper", "bridge", "copper", "desert", "falcon", "granite", "hammer", "lantern", "meadow", "nickel", "oyster", "planet", "rocket", "silver", "tunnel", "walnut",
    ];

    private static readonly string[] Names = ["Anna", "Boris", "Clara", "David", "Elena", "Felix", "Grace", "Henry", "Irene", "Jonas", "Katja", "Lukas", "Maria", "Nadia", "Oscar", "Paula"];
    private static readonly string[] ChineseNames = ["王伟", "李娜", "张敏", "刘洋", "陈静", "杨帆", "赵磊", "黄丽", "周杰", "吴婷", "徐明", "孙悦"];
    private static readonly string[] Cities = ["Berlin", "Madrid", "Oslo", "Prague", "Lisbon", "Vienna", "Dublin", "Athens", "Warsaw", "Helsinki"];
    private static readonly string[] ChineseCities = ["北京", "上海", "广州", "成都", "杭州", "武汉", "西安", "南京", "青岛", "昆明"];

    private ulong _state = (ulong)(uint)seed * 0xD1B54A32D192ED03 + 0x632BE59BD9B4E019;

    public ItemLanguage Language => language;

    public bool IsChinese => language == ItemLanguage.Chinese;

    /// <summary>A whole number from <paramref name="low"/> to <paramref name="high"/>, both included.</summary>
    public int Number(int low, int high) => low + (int)(Next() % (ulong)(high - low + 1));

    public T One<T>(params ReadOnlySpan<T> of) => of[Number(0, of.Length - 1)];

    /// <summary>The wording in the item's language.</summary>
    public string Say(string english, string chinese) => IsChinese ? chinese : english;

    public string Word() => One(Words);

    /// <summary>Different words.</summary>
    public string[] SomeWords(int count)
    {
        var all = Words.ToArray();
        for (var i = 0; i < count; i++)
        {
            var j = Number(i, all.Length - 1);
            (all[i], all[j]) = (all[j], all[i]);
        }

        return all[..count];
    }

    public string Name() => IsChinese ? One(ChineseNames) : One(Names);

    public string City() => IsChinese ? One(ChineseCities) : One(Cities);

    /// <summary>Lower-case letters and digits that mean nothing.</summary>
    public string Code(int length) => string.Create(length, this, static (span, draw) =>
    {
        foreach (ref var c in span)
            c = "abcdefghjkmnpqrstuvwxyz23456789"[draw.Number(0, 30)];
    });

    private ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        var x = _state;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}
