using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Holdfast.Configuration;

/// <summary>A setting that stops the start. The message is one line: the key, what is wrong with it, what is allowed.</summary>
public sealed class SettingsException(string key, string problem) : Exception($"{key}: {problem}.")
{
    public string Key { get; } = key;
}

/// <summary>What one setting is, for the table in the README and for `holdfast settings`.</summary>
/// <param name="Range">The allowed values as people read them.</param>
public sealed record SettingDescription(string Key, string Range, string Default, string What);

/// <summary>
/// Reads each setting once, by name, with its range. What nobody has asked for when all sections are read is an unknown key:
/// a typing error in a security setting must stop the start, not be ignored (ASVS 13.4).
/// </summary>
public sealed class SettingsReader
{
    private readonly List<SettingDescription> _declared = [];
    private readonly HashSet<string> _known;
    private readonly IConfiguration _source;
    private readonly bool _describes;

    public SettingsReader(IConfiguration source)
    {
        (_source, _describes, _known) = (source, true, new HashSet<string>(StringComparer.OrdinalIgnoreCase));
        Undescribed = new SettingsReader(this);
    }

    private SettingsReader(SettingsReader whole)
    {
        (_source, _known) = (whole._source, whole._known);
        Undescribed = this;
    }

    public IReadOnlyList<SettingDescription> Declared => _declared;

    public string Text(string key, string fallback, string what, int maxLength = 200)
    {
        var value = Raw(key, $"text, up to {maxLength} characters", fallback, what) ?? fallback;
        if (value.Length > maxLength || value.Any(char.IsControl)) throw new SettingsException(key, $"must be one line of at most {maxLength} characters");
        return value;
    }

    public string? Optional(string key, string range, string what) => Raw(key, range, "none", what);

    public int Int(string key, int fallback, int min, int max, string what)
    {
        var raw = Raw(key, string.Create(CultureInfo.InvariantCulture, $"{min} to {max}"), fallback.ToString(CultureInfo.InvariantCulture), what);
        if (raw is null) return fallback;
        if (!int.TryParse(raw, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)) throw new SettingsException(key, $"\"{Shown(raw)}\" is not a whole number; allowed is {min} to {max}");
        if (value < min || value > max) throw new SettingsException(key, $"{value} is out of range; allowed is {min} to {max}");
        return value;
    }

    public bool Flag(string key, bool fallback, string what)
    {
        var raw = Raw(key, "true or false", fallback ? "true" : "false", what);
        return raw switch
        {
            null => fallback,
            _ when raw.Equals("true", StringComparison.OrdinalIgnoreCase) => true,
            _ when raw.Equals("false", StringComparison.OrdinalIgnoreCase) => false,
            _ => throw new SettingsException(key, $"\"{Shown(raw)}\" is neither true nor false"),
        };
    }

    /// <summary>A length of time written as a number and a unit: <c>90s</c>, <c>30m</c>, <c>12h</c>, <c>30d</c>.</summary>
    public TimeSpan Time(string key, string fallback, string min, string max, string what)
    {
        var raw = Raw(key, $"{min} to {max}", fallback, what) ?? fallback;
        if (!TryTime(raw, out var value)) throw new SettingsException(key, $"\"{Shown(raw)}\" is not a length of time such as 90s, 30m, 12h or 30d; allowed is {min} to {max}");
        TryTime(min, out var low);
        TryTime(max, out var high);
        if (value < low || value > high) throw new SettingsException(key, $"{raw} is out of range; allowed is {min} to {max}");
        return value;
    }

    public T Choice<T>(string key, T fallback, string what) where T : struct, Enum
    {
        var names = string.Join(", ", Enum.GetNames<T>());
        var raw = Raw(key, names, fallback.ToString(), what);
        if (raw is null) return fallback;
        foreach (var name in Enum.GetNames<T>())
        {
            if (string.Equals(name, raw, StringComparison.OrdinalIgnoreCase)) return Enum.Parse<T>(name);
        }
        throw new SettingsException(key, $"\"{Shown(raw)}\" is not one of {names}");
    }

    /// <summary>Words separated by commas.</summary>
    public IReadOnlyList<string> List(string key, string range, string what) => Words(Raw(key, range, "none", what));

    /// <summary>Words separated by commas, some of them by default.</summary>
    public IReadOnlyList<string> List(string key, string fallback, string range, string what) => Words(Raw(key, range, fallback, what) ?? fallback);

    /// <summary>A secret: its value is never part of a message.</summary>
    public string? Secret(string key, string range, string what) => Raw(key, range, "none", what);

    /// <exception cref="SettingsException">A key that no section declares.</exception>
    public void RefuseUnknown()
    {
        foreach (var (key, value) in _source.AsEnumerable().OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (value is null || _known.Contains(key)) continue;
            var near = _known.MinBy(k => Distance(k, key));
            throw new SettingsException(Shown(key), near is not null && Distance(near, key) <= 4 ? $"is not a setting. Did you mean {near}" : "is not a setting. The README lists them all");
        }
    }

    public static bool TryTime(string text, out TimeSpan value)
    {
        value = default;
        if (text.Length < 2 || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return false;
        TimeSpan? parsed = text[^1] switch
        {
            's' => TimeSpan.FromSeconds(number),
            'm' => TimeSpan.FromMinutes(number),
            'h' => TimeSpan.FromHours(number),
            'd' when number <= 36500 => TimeSpan.FromDays(number),
            _ => null,
        };
        value = parsed ?? default;
        return parsed is not null;
    }

    /// <summary>Tells of keys whose middle part people choose: they are read by <see cref="Undescribed"/>.</summary>
    public void Describe(string key, string range, string fallback, string what) => _declared.Add(new SettingDescription(key, range, fallback, what));

    /// <summary>Reads keys without telling of them in the table of settings.</summary>
    internal SettingsReader Undescribed { get; }

    /// <summary>The names below a key, as people chose them, in one order.</summary>
    public IReadOnlyList<string> Names(string key) => [.. _source.GetSection(key).GetChildren().Select(child => child.Key).Order(StringComparer.Ordinal)];

    private string? Raw(string key, string range, string fallback, string what)
    {
        if (_describes) _declared.Add(new SettingDescription(key, range, fallback, what));
        _known.Add(key);
        var value = _source[key];
        return string.IsNullOrEmpty(value) ? null : value;
    }

    private static string[] Words(string? raw) => raw?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];

    private static string Shown(string raw) => raw.Length > 40 ? string.Concat(raw.AsSpan(0, 40), "…") : raw;

    private static int Distance(string a, string b)
    {
        a = a.ToUpperInvariant();
        b = b.ToUpperInvariant();
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0]++;
            for (var j = 1; j <= b.Length; j++)
            {
                var next = Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = row[j];
                row[j] = next;
            }
        }
        return row[^1];
    }
}
