using AngleSharp.Dom;
using AngleSharp.Html.Dom;

namespace Holdfast.Tests.Support;

/// <summary>A page as it was sent, with the forms that are really on it.</summary>
public sealed class VisitedPage(Visitor visitor, string path, Answer answer, IHtmlDocument document)
{
    public string Path { get; } = path;

    public Answer Answer { get; } = answer;

    public IHtmlDocument Document { get; } = document;

    public string Text => Document.Body?.TextContent ?? "";

    /// <summary>Fills in and sends a form of this page. Fields that it does not have make the test fail: a person could not fill them in.</summary>
    /// <param name="form">A CSS selector of the form, or of a button or link in it.</param>
    public Task<VisitedPage> Submit(string form, params (string Name, string Value)[] filled)
    {
        var (action, post, fields) = Fill(form, filled);
        return visitor.Submit(action, post, fields);
    }

    /// <summary>The same with a file.</summary>
    public Task<VisitedPage> Upload(string form, string field, string fileName, string text, params (string Name, string Value)[] filled)
    {
        var (action, _, fields) = Fill(form, filled);
        return visitor.SubmitFile(action, [.. fields.Where(f => f.Key != field)], field, fileName, text);
    }

    private (string Action, bool Post, List<KeyValuePair<string, string>> Fields) Fill(string form, (string Name, string Value)[] filled)
    {
        var found = Document.QuerySelector(form) ?? throw new InvalidOperationException($"No {form} at {Path} ({Answer.Status}): {Text.ReplaceLineEndings(" ")}\n{Answer.Faults}");
        var button = found as IHtmlButtonElement;
        var element = found as IHtmlFormElement ?? found.Closest("form") as IHtmlFormElement ?? button?.Form ?? throw new InvalidOperationException($"{form} belongs to no form");
        var fields = new List<KeyValuePair<string, string>>();
        foreach (var control in element.Elements)
        {
            if (control.GetAttribute("name") is not { Length: > 0 } name || control.HasAttribute("disabled")) continue;
            switch (control)
            {
                case IHtmlInputElement { Type: "checkbox" or "radio" } box when filled.All(f => f.Name != name):
                    if (box.IsChecked) fields.Add(new(name, box.Value));
                    break;
                case IHtmlInputElement { Type: "submit" or "button" or "image" } or IHtmlButtonElement: break;
                case IHtmlInputElement input when filled.All(f => f.Name != name): fields.Add(new(name, input.Value)); break;
                case IHtmlSelectElement select when filled.All(f => f.Name != name): fields.Add(new(name, select.Value ?? "")); break;
                case IHtmlTextAreaElement area when filled.All(f => f.Name != name): fields.Add(new(name, area.Value)); break;
            }
        }
        foreach (var (name, value) in filled)
        {
            if (!element.Elements.Any(c => c.GetAttribute("name") == name)) throw new InvalidOperationException($"The form {form} at {Path} has no field {name}");
            if (value.Length > 0 || !element.Elements.OfType<IHtmlInputElement>().Any(c => c.Name == name && c.Type == "checkbox")) fields.Add(new(name, value));
        }
        if (button?.GetAttribute("name") is { Length: > 0 } pressed) fields.Add(new(pressed, button.GetAttribute("value") ?? ""));
        var action = button?.GetAttribute("formaction") ?? element.GetAttribute("action");
        return (string.IsNullOrEmpty(action) ? Path : action, string.Equals(element.Method, "post", StringComparison.OrdinalIgnoreCase), fields);
    }
}
