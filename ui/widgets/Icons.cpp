#include "ui/widgets/Icons.h"

#include <QFile>
#include <QGuiApplication>
#include <QIconEngine>
#include <QPainter>
#include <QSvgRenderer>

namespace lapidary::ui {

using namespace Qt::StringLiterals;

namespace {

class LineIconEngine : public QIconEngine {
public:
  LineIconEngine(QByteArray svg, QColor colour, QPalette::ColorRole role)
      : drawing(std::move(svg)), fixedColour(colour), role(role) {}

  void paint(QPainter *painter, const QRect &rect, QIcon::Mode mode, QIcon::State) override {
    QByteArray coloured = drawing;
    coloured.replace("currentColor", colourFor(mode).name().toLatin1());
    QSvgRenderer renderer(coloured);
    renderer.render(painter, QRectF(rect));
  }

  QPixmap pixmap(const QSize &size, QIcon::Mode mode, QIcon::State state) override {
    QPixmap pixmap(size);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    paint(&painter, QRect(QPoint(), size), mode, state);
    return pixmap;
  }

  QIconEngine *clone() const override { return new LineIconEngine(drawing, fixedColour, role); }

private:
  QColor colourFor(QIcon::Mode mode) const {
    if (fixedColour.isValid())
      return fixedColour;
    if (mode == QIcon::Disabled)
      return QGuiApplication::palette().color(QPalette::Disabled, QPalette::ButtonText);
    return QGuiApplication::palette().color(role);
  }

  QByteArray drawing;
  QColor fixedColour;
  QPalette::ColorRole role;
};

QByteArray readDrawing(const QString &name) {
  QFile file(u":/lapidary/icons/%1.svg"_s.arg(name));
  return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace

QIcon icon(const QString &name, const QString &desktopName, QPalette::ColorRole role) {
  if (!desktopName.isEmpty() && QIcon::hasThemeIcon(desktopName))
    return QIcon::fromTheme(desktopName);
  return QIcon(new LineIconEngine(readDrawing(name), QColor(), role));
}

QIcon tintedIcon(const QString &name, const QColor &colour) {
  return QIcon(new LineIconEngine(readDrawing(name), colour, QPalette::Text));
}

QIcon programIcon() { return QIcon(u":/lapidary/icons/lapidary.svg"_s); }

} // namespace lapidary::ui
