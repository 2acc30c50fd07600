namespace Holdfast.Features.Devices;

/// <summary>
/// The words of a User-Agent, one after the other, in one pass and without a copy. Products stand as name/version (RFC 9110 §10.1.5), but comments hold
/// "Android 14", "UCWEB7.9" and "Opera Mini/7" as well: so a word is what stands between separators, and what follows it is looked at by whom it concerns.
/// </summary>
internal ref struct AgentWords(ReadOnlySpan<char> agent)
{
    private readonly ReadOnlySpan<char> _agent = agent;
    private int _start;
    private int _end;
    private int _before;
    private int _count;

    /// <summary>Between two separators, never empty.</summary>
    public readonly ReadOnlySpan<char> Word => _agent[_start.._end];

    /// <summary>The word before, one space and this one, such as "Opera Mini"; empty where something else stands between.</summary>
    public readonly ReadOnlySpan<char> Pair => _before >= 0 && _start > 0 && _agent[_start - 1] == ' ' ? _agent[_before.._end] : [];

    /// <summary>What stands behind this word.</summary>
    public readonly ReadOnlySpan<char> Rest => _agent[_end..];

    public readonly bool IsFirst => _count == 1;

    /// <summary>It is the part after a slash: a version, or a second name.</summary>
    public readonly bool IsAfterSlash => _start > 0 && _agent[_start - 1] == '/';

    public readonly bool IsSecond => _count == 2;

    public readonly bool IsWhole => _end - _start == _agent.Length;

    /// <summary>"like Gecko", "like Android", "not Chrome": somebody else.</summary>
    public readonly bool IsLikened
    {
        get
        {
            var pair = Pair;
            return pair.StartsWith("like ", StringComparison.OrdinalIgnoreCase) || pair.StartsWith("not ", StringComparison.OrdinalIgnoreCase);
        }
    }

    public bool Next()
    {
        var from = _end;
        // The word before counts for a pair only when exactly one space parts the two.
        _before = _count > 0 && from < _agent.Length && _agent[from] == ' ' ? _start : -1;
        while (from < _agent.Length && Parts(_agent[from])) from++;
        if (from == _agent.Length) return false;
        if (_before >= 0 && from != _end + 1) _before = -1;
        _start = from;
        while (from < _agent.Length && !Parts(_agent[from])) from++;
        _end = from;
        _count++;
        return true;
    }

    private static bool Parts(char c) => c is ' ' or ';' or '(' or ')' or '[' or ']' or '{' or '}' or ',' or '/' or '"' or '|' or '；' or '\t';

    /// <summary>The number that follows a name: "/16.5", " 8.1.0", "_21.1", "/v2.6". Up to three parts of up to four digits each; empty when there is none.</summary>
    public static ReadOnlySpan<char> Version(ReadOnlySpan<char> rest)
    {
        var at = 0;
        while (at < Math.Min(rest.Length, 2) && rest[at] is '/' or ' ' or '_' or '-' or ':') at++;
        if (at < rest.Length && rest[at] is 'v' or 'V') at++;
        rest = rest[at..];
        var (length, digits, parts) = (0, 0, 0);
        foreach (var c in rest)
        {
            if (char.IsAsciiDigit(c))
            {
                // A date or a build number is no version that people know.
                if (++digits > 4) return parts == 0 ? [] : rest[..(length - digits + 1)].TrimEnd("._");
            }
            else if (c is '.' or '_' && digits > 0 && parts < 2) (digits, parts) = (0, parts + 1);
            else break;
            length++;
        }
        return rest[..length].TrimEnd("._");
    }
}
